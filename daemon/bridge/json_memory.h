/* Codes, passwords and sessions come and go as JSON, and the library frees what it copied of them on the way: texts
 * while it parses, values with their objects. */
#ifndef TGCALLD_BRIDGE_JSON_MEMORY_H
#define TGCALLD_BRIDGE_JSON_MEMORY_H

/* From here on all that jansson frees is wiped. Before the first JSON of the process. */
void json_memory_wipe(void);

#endif
