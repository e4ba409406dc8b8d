// Workplace: everything a command builds before it can work on transfers, in order: config, state
// key, store, audit log, pipeline. Only main and commands name concrete classes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "adapter/commands/terminology.h"
#include "adapter/pipeline.h"
#include "adapter/worker.h"

namespace consultd::commands {

// The config, or the exit code after its problems were told on stderr.
struct LoadedConfig {
    std::optional<config::Config> config;
    int exit_code = 0;
    std::optional<Knowledge> knowledge = {};  // only where it was asked for
};
// Adds what it finds wrong in what could be read.
using LookFurther = std::function<std::vector<config::Problem>(const config::Config&)>;
LoadedConfig load_config(const std::string& file, const LookFurther& look_further = {});
// With the knowledge that the config names.
LoadedConfig load_config_and_knowledge(const std::string& file,
                                       const LookFurther& look_further = {},
                                       AskTerminology ask = AskTerminology::No);

// What one reading of the configuration gives: it, its peers with what they hold, the pipeline. A
// reload replaces it as a whole; a step that began under it ends under it.
struct InForce {
    const config::Config config;
    const Knowledge knowledge;
    std::unique_ptr<Peers> peers;
    std::unique_ptr<Pipeline> pipeline;
};

// The state directory as it is opened by whoever may write: one process at a time.
class Workplace {
public:
    // Busy: a daemon has it. Config, Storage, Corrupt as their makers say.
    static Result<std::unique_ptr<Workplace>> open(config::Config config, Knowledge knowledge,
                                                   Log& log, std::uint32_t attempts_max);

    std::shared_ptr<const InForce> in_force() const;
    // The next configuration, not yet in force. Config: told on stderr, it differs from the one in
    // force where only a restart can change it.
    Result<std::shared_ptr<const InForce>> make_next(config::Config config, Knowledge knowledge);
    void put_in_force(std::shared_ptr<const InForce> next);

    Store& store() { return *store_; }
    const crypto::Sealer& sealer() const { return *sealer_; }
    audit::AuditLog& audit() { return *audit_; }
    Disclosures& disclosures() { return *disclosures_; }
    // The pipeline of whatever is in force when it is called.
    std::shared_ptr<Pipeline> pipeline() const;
    Clock& clock() { return clock_; }
    Random& random() { return random_; }
    Log& log() { return log_; }

private:
    Workplace(Log& log, std::uint32_t attempts_max) : log_(log), attempts_max_(attempts_max) {}
    std::shared_ptr<const InForce> make(config::Config config, Knowledge knowledge);
    Result<std::optional<std::string>> kept_client(const std::string& source);
    Status keep_client(const std::string& source, const std::string& client);

    Log& log_;
    const std::uint32_t attempts_max_;
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<crypto::Sealer> sealer_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<audit::AuditLog> audit_;
    std::unique_ptr<Disclosures> disclosures_;
    steps::Settling settling_{clock_};
    mutable std::mutex mutex_;  // guards in_force_
    std::shared_ptr<const InForce> in_force_;
};

// A look at the state beside a running daemon: transfers can be placed, listed and changed, not
// worked on.
struct Visit {
    std::unique_ptr<Store> store;
    std::unique_ptr<crypto::Sealer> sealer;
};
Result<Visit> visit(const config::Config& config, Random& random);

std::string database_file(const config::Config& config);
std::string audit_folder(const config::Config& config);
// One key a line, the oldest first. Config: the file cannot be read, or a line is no key.
Result<crypto::Sealer> read_state_keys(const config::Config& config, Random& random);
// Whether a state that is there was made with these keys, in their order, and its log signed with
// the audit key; where there is none, they fit. Reads only. Never in the process that owns it.
Status check_keys_fit_state(const config::Config& config);
Result<crypto::Key> read_audit_key(const config::Config& config);
// The newest tree head of the audit log that this state has seen; absent: none. Corrupt: what it
// remembers is not of this key.
Result<std::optional<audit::Checkpoint>> seen_checkpoint(Store& store,
                                                         const crypto::Key& audit_key);

// {"keys":[…]}: the public halves of the client keys that the config names.
Result<std::string> public_jwks_of(const config::Config& config);

}  // namespace consultd::commands
