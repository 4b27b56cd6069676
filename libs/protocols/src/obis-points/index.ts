export { derivedOf, type Derived } from './derived.js';
export { askedName, nameOf, type PointName } from './point-names.js';
