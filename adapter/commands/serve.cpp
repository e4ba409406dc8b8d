// serve: the daemon: workers on due transfers and the HTTP interface, until SIGTERM. SIGHUP reads
// the configuration again; a bad one leaves the old one in force.
#include <sysexits.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "adapter/acts.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/config_files.h"
#include "adapter/commands/keep_records.h"
#include "adapter/commands/report.h"
#include "adapter/commands/stop_signal.h"
#include "adapter/commands/workplace.h"
#include "adapter/metrics.h"
#include "adapter/portal/portal.h"
#include "adapter/shares.h"
#include "adapter/web/http_interface.h"
#include "adapter/web/refusals.h"
#include "config/sign_in_rules.h"

namespace consultd::commands {
namespace {

constexpr Milliseconds look_every = std::chrono::milliseconds(250);
constexpr Milliseconds reconcile_every = std::chrono::seconds(1);
constexpr Milliseconds keeping_every = std::chrono::minutes(10);
constexpr std::uint32_t attempts_max = 12;
constexpr Milliseconds drain = std::chrono::seconds(30);

// What the HTTP interface works with under one configuration.
struct Front {
    std::shared_ptr<const InForce> in_force;
    web::Operators operators;
    std::unique_ptr<portal::Portal> portal;  // null: no patient signs in here
    std::unique_ptr<web::HttpInterface> api;
};

// The running daemon: what its threads do, and what a reload replaces.
class Daemon {
public:
    Daemon(Workplace& place, StopSignal& signal, std::string config_file)
        : place_(place),
          signal_(signal),
          config_file_(std::move(config_file)),
          room_(place.in_force()->config.state.directory, place.clock()),
          workers_(workers_for(place.in_force()->config.limits.transfers,
                               sources_of(place.in_force()->config))) {}
    // As many as the configuration that it began with wants.
    std::uint32_t workers() const { return workers_; }
    bool disk_failed() const { return disk_failed_; }

    // Before anything else: the HTTP interface of the configuration in force.
    Status open_front() {
        TRY_ASSIGN(std::shared_ptr<Front> front, make_front(place_.in_force()));
        put_in_front(std::move(front));
        return {};
    }
    web::ServerResponse handle(const web::ServerRequest& request) {
        return front()->api->handle(request);
    }
    std::optional<web::ServerResponse> before_body(const web::ServerRequest& request) {
        return front()->api->before_body(request);
    }

    void work() {
        Worker worker([this] { return place_.pipeline(); }, place_.store(), place_.clock(),
                      place_.log(), "serve", [this] { return shares(); }, &room_);
        const Status ended = worker.run(signal_.token(), bell_);
        if (ended) return;
        stop_for(ended.error());
    }

    // On a thread of its own: a destination may take its time to answer.
    void reconcile() {
        do {
            if (const Status done = place_.pipeline()->reconcile(signal_.token()); !done)
                could_not("reconcile", done.error());
            if (const Status done = place_.pipeline()->run_errands(signal_.token()); !done)
                could_not("errands", done.error());
        } while (place_.clock().wait_until(place_.clock().monotonic_now() + reconcile_every,
                                           signal_.token()));
    }

    void keep_house() {
        while (place_.clock().wait_until(place_.clock().monotonic_now() + look_every,
                                         signal_.token())) {
            if (signal_.take_hangup()) reload();
            if (room_.is_full()) no_room(Error(ErrorKind::Storage, "hardly anything is free"));
            if (room_.look()) {
                place_.log().info("room-again");
                bell_.ring();
            }
            // A command beside us placed a transfer, or set one free to go on.
            if (const Result<bool> changed = place_.store().changed_elsewhere(); !changed)
                could_not("look", changed.error());
            else if (*changed)
                bell_.ring();
            // What somebody did is to be in the log.
            if (const Status done = place_.disclosures().take_up(place_.store(), place_.log());
                !done)
                could_not("take-up", done.error());
            if (place_.clock().monotonic_now() < next_keeping_) continue;
            next_keeping_ = place_.clock().monotonic_now() + keeping_every;
            const auto forgotten = forget_old_records(place_.store(), place_.in_force()->config,
                                                      place_.sealer(), place_.clock().now());
            if (!forgotten)
                could_not("forget", forgotten.error());
            else if (*forgotten > 0)
                place_.log().info("forgot", {{"transfers", *forgotten}});
        }
    }

private:
    PullShares shares() const {
        const std::shared_ptr<const InForce> now = place_.in_force();
        return shares_of(workers_, sources_of(now->config));
    }
    // What a directory lists counts as one: few of it are read at any time.
    static std::size_t sources_of(const config::Config& config) {
        return config.sources.size() + config.directories.size();
    }

    // All of the new configuration takes force, or none of it.
    void reload() {
        const Status reloaded = [&]() -> Status {
            LoadedConfig again = load_config_and_files(config_file_, AskTerminology::Yes);
            if (!again.config)
                return Error(ErrorKind::Config, "the new configuration has problems");
            TRY_ASSIGN(std::shared_ptr<const InForce> next,
                       place_.make_next(std::move(*again.config), std::move(*again.knowledge)));
            TRY_ASSIGN(std::shared_ptr<Front> front, make_front(next));
            place_.put_in_force(std::move(next));
            put_in_front(std::move(front));
            return {};
        }();
        if (reloaded)
            place_.log().info("reloaded");
        else
            place_.log().failure("reload-refused", reloaded.error());
    }

    Result<std::shared_ptr<Front>> make_front(std::shared_ptr<const InForce> in_force) {
        const config::Config& config = in_force->config;
        TRY_ASSIGN(web::Operators operators, web::Operators::read(config.listen));
        TRY_ASSIGN(std::string jwks, public_jwks_of(config));
        const auto front =
            std::make_shared<Front>(Front{in_force, std::move(operators), nullptr, nullptr});
        std::vector<web::Route> portal_routes;
        if (config::has_portal(config)) {
            front->portal = make_portal(*in_force);
            portal_routes = front->portal->routes();
        }
        front->api = std::make_unique<web::HttpInterface>(web::HttpInterfaceParts{
            .fhir = {.config = config,
                     .store = place_.store(),
                     .sealer = place_.sealer(),
                     .clock = place_.clock(),
                     .random = place_.random(),
                     .on_new_transfer = [this] { bell_.ring(); },
                     .on_opinion_read =
                         [this, in_force](const Transfer& transfer, const Actor& who) {
                             return opinion_is_read(in_force->config, transfer, who);
                         },
                     .on_packet_read =
                         [this, in_force](const Transfer& transfer, const Actor& who) {
                             return is_read(audit::Act::What::ReadPacket, in_force->config,
                                            transfer, who);
                         },
                     .knows_specialty =
                         [in_force](std::string_view word) {
                             return in_force->knowledge.specialties.knows(word);
                         },
                     .specialties = in_force->knowledge.specialties.names()},
            .operators = front->operators,
            .jwks = std::move(jwks),
            .ready = [this] { return ready(); },
            .read_audit =
                [this, in_force](const auto& visit) { return read_audit(in_force->config, visit); },
            .metrics = [this, in_force] { return metrics(*in_force); },
            .portal = std::move(portal_routes)});
        return front;
    }

    std::unique_ptr<portal::Portal> make_portal(const InForce& in_force) {
        return std::make_unique<portal::Portal>(portal::PortalParts{
            .config = in_force.config,
            .peers = *in_force.peers,
            .store = place_.store(),
            .sealer = place_.sealer(),
            .sessions = sessions_,
            .clock = place_.clock(),
            .random = place_.random(),
            .on_new_transfer = [this] { bell_.ring(); },
            .opinion_is_read =
                [this, &config = in_force.config](const Transfer& transfer, const Actor& who) {
                    return opinion_is_read(config, transfer, who);
                },
            .verifier = [&config = in_force.config]() -> Result<std::string> {
                TRY_ASSIGN(const crypto::Key key, read_audit_key(config));
                return audit::verifier_key(config.audit.origin, key) + "\n";
            },
            .log = place_.log(),
            .read_log = [this, &config = in_force.config](
                            const auto& visit) { return read_audit(config, visit); }});
    }

    // In the log before it is given, with who asked.
    Status is_read(audit::Act::What what, const config::Config& config, const Transfer& transfer,
                   const Actor& who) {
        TRY(place_.disclosures().act(act_by(who, what, transfer, config, place_.clock().now())));
        return place_.disclosures().remember_log(place_.store());
    }
    Status opinion_is_read(const config::Config& config, const Transfer& transfer,
                           const Actor& who) {
        TRY(is_read(audit::Act::What::ReadOpinion, config, transfer, who));
        return remember_reading(place_.store(), place_.sealer(), transfer.id, place_.clock().now());
    }

    // As any outsider reads it, beside the writer.
    Status read_audit(const config::Config& config,
                      const std::function<bool(std::uint64_t, std::string_view)>& visit) {
        TRY_ASSIGN(const crypto::Key key, read_audit_key(config));
        TRY_ASSIGN(const crypto::Key public_key,
                   crypto::Key::from_ed25519_public(key.ed25519_public()));
        return audit::read_log(audit_folder(config), config.audit.origin, public_key, visit);
    }

    Result<std::string> metrics(const InForce& in_force) {
        Metrics numbers;
        TRY_ASSIGN(numbers.transfers, place_.store().count_by_state());
        numbers.audit_entries = place_.audit().size();
        const auto add = [&](const Peer& peer) {
            const PeerHealth health = peer.health();
            Metrics::PeerNumbers of{.side = std::string(peer.side().view()),
                                    .name = std::string(peer.key().view()),
                                    .failures = health.failures};
            if (health.answered)
                of.since_answer = std::chrono::duration_cast<Milliseconds>(
                    place_.clock().monotonic_now() - *health.answered);
            numbers.peers.push_back(std::move(of));
        };
        for (const auto& [key, source] : in_force.config.sources) add(*in_force.peers->source(key));
        for (const auto& [key, there] : in_force.config.destinations)
            add(*in_force.peers->destination(key));
        return metrics_text(numbers);
    }

    Status ready() {
        if (disk_failed_) return Error(ErrorKind::Storage, "a write to the disk failed");
        if (room_.is_short())
            return Error(ErrorKind::Storage,
                         "the disk has no room for the state: nothing is begun until it has");
        if (signal_.token().stop_requested()) return Error(ErrorKind::Cancelled, "stopping");
        TRY(place_.store().list({.count_max = 1}));
        return {};
    }

    std::shared_ptr<Front> front() const {
        const std::lock_guard lock(mutex_);
        return front_;
    }
    void put_in_front(std::shared_ptr<Front> next) {
        const std::lock_guard lock(mutex_);
        front_ = std::move(next);
    }

    // A failed write is final: nothing more leaves this process.
    void stop_for(const Error& error) {
        place_.log().failure("disk-failed", error);
        disk_failed_ = true;
        signal_.request_stop();
    }
    void no_room(const Error& error) {
        if (room_.ran_out()) place_.log().failure("no-room", error);
    }
    void could_not(StaticText what, const Error& error) {
        if (is_no_room(error)) return no_room(error);
        if (error.kind() == ErrorKind::Storage) return stop_for(error);
        place_.log().failure(what, error);
    }

    Workplace& place_;
    StopSignal& signal_;
    const std::string config_file_;
    portal::Sessions sessions_{place_.clock(), place_.random()};
    Bell bell_;
    DiskRoom room_;
    const std::uint32_t workers_;
    std::atomic<bool> disk_failed_{false};
    MonotonicTime next_keeping_{};
    mutable std::mutex mutex_;  // guards front_
    std::shared_ptr<Front> front_;
};

web::ServerOptions server_options(const config::Listen& listen) {
    web::ServerOptions options{.address = listen.address, .port = listen.port};
    if (!listen.certificate_file.empty())
        options.tls = web::ServerTls{.certificate_file = listen.certificate_file,
                                     .key_file = listen.key_file,
                                     .client_ca_file = listen.client_ca_file};
    return options;
}

int run(Workplace& place, StopSignal& signal, const std::string& config_file) {
    Daemon daemon(place, signal, config_file);
    if (const Status opened = daemon.open_front(); !opened) return fail("serve", opened.error());
    const std::shared_ptr<const InForce> at_start = place.in_force();
    web::ServerOptions options = server_options(at_start->config.listen);
    options.refusal = web::refusal_by_server;
    options.before_body = [&](const web::ServerRequest& request) {
        return daemon.before_body(request);
    };
    Result<std::unique_ptr<web::Server>> server = web::Server::start(
        std::move(options),
        [&](const web::ServerRequest& request) { return daemon.handle(request); });
    if (!server) return fail("serve", server.error());
    place.log().info("serving",
                     {{"port", int{(*server)->port()}}, {"audit_entries", place.audit().size()}});

    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < daemon.workers(); ++i)
        threads.emplace_back([&] { daemon.work(); });
    threads.emplace_back([&] { daemon.keep_house(); });
    threads.emplace_back([&] { daemon.reconcile(); });
    threads.clear();  // joins: they end when a stop is asked
    (*server)->stop(drain);
    return daemon.disk_failed() ? EX_IOERR : EX_OK;
}

// Start and stop are in the audit log (DCM 110100).
Status log_activity(Workplace& place, audit::Activity activity) {
    const fhir::Json event =
        audit::application_activity(crypto::uuid_v4(place.random()), activity, place.clock().now());
    TRY(place.audit().append(event.print()));
    return place.store().remember_checkpoint(place.audit().checkpoint());
}

}  // namespace

int serve(const std::string& config_file) {
    LoadedConfig loaded = load_config_and_files(config_file, AskTerminology::Yes);
    if (!loaded.config) return loaded.exit_code;
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Info);
    StopSignal signal;
    Result<std::unique_ptr<Workplace>> place = Workplace::open(
        std::move(*loaded.config), std::move(*loaded.knowledge), *log, attempts_max);
    if (!place) return fail("serve", place.error());
    if (const Status started = log_activity(**place, audit::Activity::Start); !started)
        return fail("serve", started.error());
    const int code = run(**place, signal, config_file);
    if (code == EX_IOERR) return code;
    if (const Status stopped = log_activity(**place, audit::Activity::Stop); !stopped)
        return fail("serve", stopped.error());
    log->info("stopped");
    return code;
}

}  // namespace consultd::commands
