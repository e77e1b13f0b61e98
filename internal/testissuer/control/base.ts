/** Below which all paths of the control API are; another number is another API. */
export const BASE = '/dev/v1';
