/** Holds the path of the socket at which `keeper.ts` listens. */
export const keeperVariable = 'TWOPI_TEST_KEEPER'
