// consultd: the command line. Builds nothing itself: each command does.
#include <sysexits.h>

#include <algorithm>
#include <csignal>

#include "adapter/command_line.h"
#include "adapter/commands/private_process.h"
#include "adapter/commands/report.h"

namespace {

using namespace consultd::commands;

// Which commands there are where one was given that is none; false: none was.
bool tell_unknown_command(const CLI::App& app, int argc, char** argv) {
    const CLI::App* at = &app;
    for (int i = 1; i < argc && *argv[i] != '-'; ++i) {
        const std::vector<const CLI::App*> commands =
            at->get_subcommands([](const CLI::App*) { return true; });
        if (commands.empty()) return false;
        const auto named = std::ranges::find(commands, argv[i], &CLI::App::get_name);
        if (named == commands.end()) {
            std::string known;
            for (const CLI::App* one : commands)
                known += (known.empty() ? "" : ", ") + one->get_name();
            tell("consultd: there is no command \"" + std::string(argv[i]) +
                 "\" here; there are: " + known);
            return true;
        }
        at = *named;
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    forbid_core_files();
    CLI::App app(
        "consultd moves a patient's record from one EHR to another institution for a second "
        "opinion",
        "consultd");
    app.require_subcommand(1);
    app.set_version_flag("--version", CONSULTD_VERSION);
    consultd::Chosen chosen;
    consultd::add_commands(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        if (!tell_unknown_command(app, argc, argv)) app.exit(error);
        return EX_USAGE;
    }
    hide_patient_arguments(argc, argv);
    // A file over the limit of the shell or the unit is a write that fails, and no death.
    std::signal(SIGXFSZ, SIG_IGN);
    const int code = chosen();
    if (all_was_printed()) return code;
    tell("consultd: the result cannot be written to the standard output");
    return EX_IOERR;
}
