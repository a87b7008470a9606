/** The site whose pages know the server by name. A check of Host, against DNS rebinding, is another thing than CORS. */
export const allowedHosts = ['.shop.example'];
