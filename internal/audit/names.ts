// How facts are named here, and how on record.

// Two dozen names, and two events for each sign-in.
const spelled = new Map<string, string>();

/** `clientId` → `client_id`. */
export function toSnakeCase(name: string): string {
  const known = spelled.get(name);
  if (known !== undefined) return known;
  const spelling = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  spelled.set(name, spelling);
  return spelling;
}

/** `client_id` → `clientId`. */
export const toCamelCase = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
