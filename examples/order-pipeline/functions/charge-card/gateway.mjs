// A payment gateway's sandbox. As with real sandboxes the card number decides what happens:
//
//   4000 0000 0000 0002   declined by the bank
//   4000 0000 0000 9995   declined, insufficient funds
//   4000 0000 0000 0069   declined, expired
//   4000 0099 0000 00Nx   answers "busy" N times, then accepts (x is the check digit)
//   any other             accepted
//
// A sandbox that keeps no state cannot count, so the caller says which attempt this is.

import { createHmac } from 'node:crypto';

const DECLINED = new Map([
  ['4000000000000002', 'declined by the bank'],
  ['4000000000009995', 'insufficient funds'],
  ['4000000000000069', 'card expired'],
]);
const BUSY = /^40000099000000(\d)\d$/;

// An error's name is what Retry and Catch match.
class CardDeclined extends Error {
  name = 'CardDeclined';
}
class GatewayBusy extends Error {
  name = 'GatewayBusy';
}

// The same idempotency key gives the same receipt: charging twice charges once.
export function charge({ card, amountCents, currency, idempotencyKey, attempt }) {
  const reason = DECLINED.get(card);
  if (reason !== undefined) {
    throw new CardDeclined(reason);
  }
  const busy = Number(BUSY.exec(card)?.[1] ?? 0);
  if (attempt < busy) {
    throw new GatewayBusy('the payment gateway is busy');
  }
  const mac = createHmac('sha256', process.env.GATEWAY_KEY)
    .update(`${idempotencyKey}\n${card}\n${amountCents}\n${currency}`)
    .digest('hex');
  return `rcpt_${mac.slice(0, 20)}`;
}
