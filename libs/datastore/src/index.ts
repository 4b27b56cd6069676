export { LiveTable, type LiveTableOptions } from './live/live-table.js';
export { Store, type StoreOptions } from './store/store.js';
export { openStoreForAdmin, type StoreAdmin } from './store/admin.js';
export type { EventQuery } from './database/event-table.js';
export type { ProfileAppend, ProfileQuery } from './database/profile-table.js';
export { Audit, type AuditVerdict } from './proof/audit.js';
export { isSigned, publicKeyOf } from './proof/device-key.js';
export { profileGenesis, rowHash, rowText } from './proof/profile-chain.js';
export { verifyExport } from './proof/verify-export.js';
