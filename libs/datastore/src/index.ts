export { LiveTable, type LiveTableOptions } from './live/live-table.js';
