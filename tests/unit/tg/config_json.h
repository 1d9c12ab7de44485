/* Telegram's config as a test wants it to be. */
#ifndef TGCALLD_TESTS_TG_CONFIG_JSON_H
#define TGCALLD_TESTS_TG_CONFIG_JSON_H

/* One that is of date 1000 and expires LIFE_S later, in test mode, with these dcOptions (items of a JSON list, ' for
 * "); static, good until the next call. */
const char *config_json(int life_s, const char *options);
/* updateDcOptions with these, as Updates. */
const char *dc_update_json(const char *options);

#endif
