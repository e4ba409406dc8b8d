// packet: brings packet, ledger and receipt of a transfer out of the sealed state, for whoever may
// read it there; in the audit log before.
#include <sysexits.h>

#include <algorithm>

#include "adapter/commands/commands.h"
#include "adapter/commands/open_state.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

bool has(const std::vector<PacketFile>& files, std::string_view name) {
    return std::ranges::find(files, name, &PacketFile::name) != files.end();
}

// Why there is no packet; the proofs that are left are given all the same.
std::string why_none(const Transfer& transfer) {
    if (!transfer.prepared)
        return "there is no packet: the transfer is " + std::string(name_of(transfer.state));
    return "the record was wiped when its time was up (state.keepRecords)";
}

void tell_paths(const std::string& id, const fhir::Json& paths, bool json) {
    fhir::Json out = fhir::Json::object({{"transfer", id}});
    std::string lines;
    for (const fhir::JsonMember& path : paths.members()) {
        lines.append(path.name()).append(": ").append(path.value.string()).append("\n");
        out = out.with(path.name(), path.value.string());
    }
    print_result(json ? out.print() + "\n" : lines);
}

}  // namespace

int packet(const PacketOptions& options) {
    LoadedConfig loaded = load_config_and_knowledge(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    const config::Config& config = *loaded.config;
    if (const std::string wrong = wrong_folder(options.out_folder, config); !wrong.empty())
        return fail("packet", wrong, EX_USAGE);
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Error);
    Result<OpenState> state = OpenState::open(config, std::move(*loaded.knowledge), *log);
    if (!state) return fail("packet", state.error());
    const Result<Transfer> transfer = state->find(options.id);
    if (!transfer) return fail("packet", transfer.error());
    const auto files = packet_files(state->parts_of(*transfer));
    if (!files) return fail("packet", files.error());
    if (files->empty()) return fail("packet", why_none(*transfer), EX_NOINPUT);
    // If we die after this: it says that it was read, and it was not.
    const Status written =
        state->write(act_by_shell(audit::Act::What::ReadPacket, *transfer, config));
    if (!written) return fail("packet", written.error());
    const Result<fhir::Json> paths = write_files(options.out_folder, *files);
    if (!paths)
        return fail("packet", options.out_folder + ": " + paths.error().message(), EX_CANTCREAT);
    tell_paths(transfer->id, *paths, options.json);
    return has(*files, "bundle.json") ? EX_OK : fail("packet", why_none(*transfer), EX_NOINPUT);
}

}  // namespace consultd::commands
