/** Commands of SMPP 3.4 (5.1.2.1) and the one of 5.0 that is met, by their ids. A response has its request's id with the top bit set. */
export const COMMANDS = {
  generic_nack: 0x8000_0000,
  bind_receiver: 0x0000_0001,
  bind_receiver_resp: 0x8000_0001,
  bind_transmitter: 0x0000_0002,
  bind_transmitter_resp: 0x8000_0002,
  query_sm: 0x0000_0003,
  query_sm_resp: 0x8000_0003,
  submit_sm: 0x0000_0004,
  submit_sm_resp: 0x8000_0004,
  deliver_sm: 0x0000_0005,
  deliver_sm_resp: 0x8000_0005,
  unbind: 0x0000_0006,
  unbind_resp: 0x8000_0006,
  replace_sm: 0x0000_0007,
  replace_sm_resp: 0x8000_0007,
  cancel_sm: 0x0000_0008,
  cancel_sm_resp: 0x8000_0008,
  bind_transceiver: 0x0000_0009,
  bind_transceiver_resp: 0x8000_0009,
  outbind: 0x0000_000b,
  enquire_link: 0x0000_0015,
  enquire_link_resp: 0x8000_0015,
  submit_multi: 0x0000_0021,
  submit_multi_resp: 0x8000_0021,
  alert_notification: 0x0000_0102,
  data_sm: 0x0000_0103,
  data_sm_resp: 0x8000_0103,
} as const;

export type Command = keyof typeof COMMANDS;

const BY_ID: ReadonlyMap<number, Command> = new Map(
  Object.entries(COMMANDS).map(([name, id]) => [id, name as Command]),
);

const RESPONSE_BIT = 0x8000_0000;

/** The command with this id, or undefined where SMPP has none. */
export function commandOf(id: number): Command | undefined {
  return BY_ID.get(id);
}

/** Whether a command id is that of a response (generic_nack is one). */
export function isResponse(id: number): boolean {
  return id >= RESPONSE_BIT;
}

/** The response to a request, or undefined where it has none (outbind, alert_notification) or is a response itself. */
export function responseTo(command: Command): Command | undefined {
  const id = COMMANDS[command];
  return isResponse(id) ? undefined : BY_ID.get(id + RESPONSE_BIT);
}
