// Daemon: what `consultd serve` puts together, in the same order, over a simulated disk, clock and
// network: the only file of the simulation that makes a pipeline. It may die at any moment and is
// started again on what was durable.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapter/audit/audit_log.h"
#include "adapter/disclosures.h"
#include "adapter/pipeline.h"
#include "adapter/web/http_interface.h"
#include "adapter/worker.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/memory_store.h"
#include "tests/simulation/network.h"

namespace consultd::simulation {

inline constexpr const char* audit_origin = "simulation/audit";

// The audit key, the same in each run.
const crypto::Key& audit_key();
// A bearer token of the operator that persons act through.
extern const char* const operator_token;
// Files that the product reads by path: an institution's token, the operator's hash.
std::string file_with(const std::string& name, const std::string& text);

// All of it outlives every life of the daemon.
struct DaemonParts {
    Tables& tables;
    CommitFates fates;
    Disk& disk;
    SimClock& clock;
    Network& network;
    Random& random;
    History& history;
    std::function<void(std::string_view)> crash_point;
};

class Daemon {
public:
    explicit Daemon(DaemonParts parts);
    ~Daemon();

    // Any error: it does not start, as `serve` would not.
    Status start(const config::Config& config);
    // All that is in memory is gone.
    void die();
    bool is_running() const { return life_ != nullptr; }

    // A worker's step; `owner` names the lease.
    Result<bool> step(const std::string& owner, std::stop_token stop);
    // What keep_house() does now and then.
    Status keep_house();
    // SIGHUP with another configuration.
    void reload(const config::Config& config);

    // A person's acts. `ask`: through the HTTP interface, with the operator's token.
    web::ServerResponse ask(const std::string& method, const std::string& path,
                            const std::string& body = "");
    Status retry(const std::string& id);

    Store& store();
    // Now, by what is due is counted by.
    Instant time_of_waits() const;
    const crypto::Sealer& sealer() const { return sealer_; }

private:
    struct InForce;
    struct Life;
    std::shared_ptr<InForce> make(const config::Config& config);

    DaemonParts parts_;
    const crypto::Sealer sealer_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<Life> life_;
};

}  // namespace consultd::simulation
