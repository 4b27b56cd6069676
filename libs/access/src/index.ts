export * from './role.js';
export * from './view.js';
export * from './gate.js';
export * from './principals.js';
