/** Contenders that the questions compare. */
export const names = {
  BARE: 'bare',
  VIEW: 'twopi `view`',
  PROTECTED: 'twopi `parseAuthHeader`, `authRequired`',
  EXPRESS_JWT: 'express-jwt, KeyObject',
  FASTIFY_JWT: '@fastify/jwt',
  HONO_JWT: 'hono/jwt, CryptoKey',
}
