import { CLASS, scalerAttribute } from './meter-object.js';
import { readingOf } from './session.js';

describe('what is asked for by short names', () => {
  const object = (classId: number) => ({ classId, version: 0, obis: '1-0:1.8.0', base: 0x3b38 });

  it('are attributes of classes that are known, and never what may be a method', () => {
    for (const classId of Object.values(CLASS))
      if (classId !== CLASS.associationLn) expect(readingOf({ object: object(classId), attribute: 2 })).toEqual({ shortName: 0x3b40 }); // prettier-ignore
    for (const classId of [CLASS.register, CLASS.extendedRegister, CLASS.demandRegister])
      expect(readingOf({ object: object(classId), attribute: scalerAttribute(classId)! })).toHaveProperty('shortName');
    // a register is reset behind its third attribute; a class of the maker may have methods anywhere
    for (const [classId, attribute] of [[CLASS.register, 4], [CLASS.register, 6], [CLASS.register, 0], [70, 2], [10_001, 2]] as const) // prettier-ignore
      expect(() => readingOf({ object: object(classId), attribute })).toThrow(expect.objectContaining({ code: 'SMX_METER_OBJECT' })); // prettier-ignore
  });
});
