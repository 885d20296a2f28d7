// Charges a card through the payment gateway.

import { charge } from './gateway.mjs';

export const handler = async ({ orderId, card, amountCents, currency, idempotencyKey, attempt }) => {
  if (!Number.isSafeInteger(amountCents) || amountCents <= 0) {
    throw new RangeError(`${orderId}: ${amountCents} cents cannot be charged`);
  }
  const receipt = charge({ card, amountCents, currency, idempotencyKey, attempt });
  return { receipt, last4: card.slice(-4), attempts: attempt + 1 };
};
