/** The contenders, as the tables call them. */
export const names = {
  TWOPI: 'twopi, all at once',
  TWOPI_ONE: 'twopi, one after the other',
  BULLMQ: 'BullMQ, `addBulk`',
  BULLMQ_ALL: 'BullMQ, `add`, all at once',
  CELERY_NODE: 'celery-node',
  PYTHON: 'Python Celery',
  TWOPI_WORKER: 'twopi, concurrency 10',
  BULLMQ_WORKER: 'BullMQ, concurrency 10',
  CELERY_NODE_WORKER: 'celery-node (takes one after the other)',
  PYTHON_WORKER: 'Python Celery, 2 processes',
  PYTHON_CONFIRMS: 'Python Celery with confirms',
}
