/** Versions whose messages are looked into; 2.0.1 and 2.1 share nearly all of them. */
export type OcppVersion = '1.6' | '2.0.1' | '2.1';

const BY_SUBPROTOCOL: Readonly<Record<string, OcppVersion>> = {
  'ocpp1.6': '1.6',
  'ocpp2.0.1': '2.0.1',
  'ocpp2.1': '2.1',
};

/**
 * The version of a connection from its subprotocol (OCPP-J 1.6 §3.2). Stations that offer none speak 1.6 (lbbrhzn/ocpp#442);
 * undefined for subprotocols that are not looked into.
 */
export const versionOf = (subprotocol: string | undefined): OcppVersion | undefined => {
  if (subprotocol === undefined || subprotocol === '') return '1.6';
  const name = subprotocol.toLowerCase();
  return Object.hasOwn(BY_SUBPROTOCOL, name) ? BY_SUBPROTOCOL[name] : undefined;
};
