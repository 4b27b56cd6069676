/** Schemas of the OCA as ocpp-rpc has them; a bundle holds those of requests only. */
declare module 'ocpp-rpc/lib/schemas/ocpp1_6.json' {
  const schemas: readonly { readonly $id: string }[];
  export default schemas;
}
declare module 'ocpp-rpc/lib/schemas/ocpp2_0_1.json' {
  const schemas: readonly { readonly $id: string }[];
  export default schemas;
}
declare module 'ocpp-rpc/lib/schemas/ocpp2_1.json' {
  const schemas: readonly { readonly $id: string }[];
  export default schemas;
}
