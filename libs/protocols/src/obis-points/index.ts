export { derivedOf, type Derived } from './derived.js';
export { askedName, nameOf, type PointName } from './point-names.js';
export { printedRegister, type PrintedRegister } from './printed-register.js';
