// check: reads the config and every file it names, and lists every problem with its path.
#include <sysexits.h>

#include "adapter/commands/commands.h"
#include "adapter/commands/config_files.h"
#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

std::string list_words(const std::string& key, const config::Directory& directory) {
    const fhir::UserAccessBrands& list = *directory.brands;
    const fhir::UserAccessBrands::LeftOut& out = list.left_out;
    std::string words = "/directories/" + key + " lists " + std::to_string(list.brands.size()) +
                        " names of " + std::to_string(list.endpoints.size()) + " hospitals";
    const auto add = [&](std::size_t count, std::string_view why) {
        if (count > 0) words += "; left out: " + std::to_string(count) + " " + std::string(why);
    };
    add(out.not_https, "without an address in https");
    add(out.is_private, "on private addresses");
    add(out.other_release, "of another release than R4");
    add(out.not_in_use, "not in use, or not FHIR");
    add(out.brands, "names without any of those");
    return words;
}

}  // namespace

int check(const std::string& config_file) {
    const LoadedConfig loaded = load_config_and_files(config_file, AskTerminology::Later);
    if (!loaded.config) return loaded.exit_code;
    if (const Status fit = check_keys_fit_state(*loaded.config); !fit) {
        tell(config_file + ": /state/keyFile " + loaded.config->state.key_file + ": " +
             fit.error().message());
        return fit.error().kind() == ErrorKind::Config ? EX_CONFIG
                                                       : exit_code_of(fit.error().kind());
    }
    for (const auto& [key, directory] : loaded.config->directories)
        tell(list_words(key, directory));
    for (const auto& [key, destination] : loaded.config->destinations)
        if (!destination.organization)
            tell("/destinations/" + key +
                 "/organization is not set: a Consent that names its recipient will deny");
    print_result(config_file + ": no problem found\n");
    return EX_OK;
}

}  // namespace consultd::commands
