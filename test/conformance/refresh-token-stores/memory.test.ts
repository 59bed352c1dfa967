import { MemoryRefreshTokenStore } from 'twopi/token-auth'
import { describeRefreshTokenStore } from './cases.ts'

describeRefreshTokenStore('memory', { open: () => new MemoryRefreshTokenStore() })
