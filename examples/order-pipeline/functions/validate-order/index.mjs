// Checks one order before anything is spent on it, and reads its items.

const REGIONS = new Set(process.env.SHIPS_TO.split(' '));
const MAX_QUANTITY = 200;
const MAX_LINES = 20;

export const handler = async ({ order }) => {
  const problems = [];
  if (!isEmailAddress(order.email)) {
    problems.push(`email: '${order.email}' is not an address`);
  }
  if (!REGIONS.has(order.region)) {
    problems.push(`region: nothing ships to '${order.region}'`);
  }
  if (!isCardNumber(order.card)) {
    // Card numbers do not belong in messages, not even wrong ones.
    problems.push('card: the number fails its check');
  }
  const items = readItems(order.items, problems);
  return { valid: problems.length === 0, problems, items };
};

// The shape only: whether somebody reads it, only a message can tell.
function isEmailAddress(text) {
  const [local, domain, ...rest] = text.split('@');
  if (rest.length > 0 || !local || !domain || text.length > 254 || local.length > 64) {
    return false;
  }
  const atom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
  const label = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
  const labels = domain.split('.');
  return (
    local.split('.').every((part) => atom.test(part)) &&
    labels.length >= 2 &&
    labels.every((part) => label.test(part)) &&
    /^[A-Za-z]{2,}$/.test(labels.at(-1))
  );
}

// 12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1).
function isCardNumber(text) {
  if (!/^\d{12,19}$/.test(text)) {
    return false;
  }
  let sum = 0;
  for (let i = 0; i < text.length; i += 1) {
    let digit = Number(text[text.length - 1 - i]);
    if (i % 2 === 1) {
      digit *= 2;
      if (digit > 9) {
        digit -= 9;
      }
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

// 'CF-1010-3 x 2; GR-3001-7 x 1': what is wrong with it goes to `problems`.
function readItems(text, problems) {
  const items = new Map();
  const parts = text.split(';').map((part) => part.trim()).filter(Boolean);
  if (parts.length === 0 || parts.length > MAX_LINES) {
    problems.push(`items: an order has 1 to ${MAX_LINES} lines, this one ${parts.length}`);
    return [];
  }
  for (const part of parts) {
    const [, sku, quantity] = /^(\S+) x (\S+)$/.exec(part) ?? [];
    if (sku === undefined || !isSku(sku)) {
      problems.push(`sku: '${sku ?? part}' is mistyped`);
    } else if (!/^[1-9]\d*$/.test(quantity) || Number(quantity) > MAX_QUANTITY) {
      problems.push(`quantity: ${quantity} of ${sku} is not 1 to ${MAX_QUANTITY}`);
    } else {
      items.set(sku, (items.get(sku) ?? 0) + Number(quantity));
    }
  }
  return [...items].map(([sku, quantity]) => ({ sku, quantity }));
}

// Two letters, four digits and a check digit, weighted 7, 3, 1 as in machine-readable passports.
function isSku(text) {
  const [, letters, digits, check] = /^([A-Z]{2})-(\d{4})-(\d)$/.exec(text) ?? [];
  if (letters === undefined) {
    return false;
  }
  const weights = [7, 3, 1];
  const sum = [...(letters + digits)]
    .map((character, at) => parseInt(character, 36) * weights[at % 3])
    .reduce((total, value) => total + value, 0);
  return sum % 10 === Number(check);
}
