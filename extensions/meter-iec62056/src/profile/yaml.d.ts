/** Profiles are read at build time: a bundle holds them as plain data. */
declare module '*.yaml' {
  const data: unknown;
  export default data;
}
