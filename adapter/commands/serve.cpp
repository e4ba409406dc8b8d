// serve: the daemon: workers on due transfers and the HTTP interface, until SIGTERM.
#include <sysexits.h>

#include <atomic>
#include <thread>

#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/stop_signal.h"
#include "adapter/commands/workplace.h"
#include "adapter/web/fhir_api.h"

namespace consultd::commands {
namespace {

constexpr Milliseconds idle = std::chrono::milliseconds(250);
constexpr Milliseconds keeping_every = std::chrono::minutes(10);
constexpr std::uint32_t attempts_max = 12;
constexpr Milliseconds drain = std::chrono::seconds(30);

// The parts of an ended transfer that hold a record; the receipt and the counts stay.
const std::vector<std::string> record_parts{"request",  "consent",     "bundle",
                                            "packet",   "ledger",      "completeness",
                                            "manifest", "transaction", "opinion"};

class Daemon {
public:
    Daemon(Workplace& place, StopSignal& signal) : place_(place), signal_(signal) {}
    bool disk_failed() const { return disk_failed_; }

    void work() {
        Worker worker(place_.pipeline(), place_.store(), place_.clock(), place_.log(), "serve");
        const Status ended = worker.run(signal_.token(), idle);
        if (ended) return;
        // A failed write is final: nothing more leaves this process.
        place_.log().failure("disk-failed", ended.error());
        disk_failed_ = true;
        signal_.request_stop();
    }

    void keep_house() {
        while (place_.clock().wait_until(place_.clock().monotonic_now() + idle, signal_.token())) {
            if (const Status done = place_.pipeline().reconcile(); !done)
                place_.log().failure("reconcile", done.error());
            if (place_.clock().monotonic_now() < next_keeping_) continue;
            next_keeping_ = place_.clock().monotonic_now() + keeping_every;
            const Instant before = place_.clock().now() - place_.config().state.keep_records;
            const auto forgotten = place_.store().forget(before, record_parts);
            if (!forgotten)
                place_.log().failure("forget", forgotten.error());
            else if (*forgotten > 0)
                place_.log().info("forgot", {{"transfers", *forgotten}});
        }
    }

private:
    Workplace& place_;
    StopSignal& signal_;
    std::atomic<bool> disk_failed_{false};
    MonotonicTime next_keeping_{};
};

web::ServerOptions server_options(const config::Listen& listen) {
    web::ServerOptions options{.address = listen.address, .port = listen.port};
    if (!listen.certificate_file.empty())
        options.tls = web::ServerTls{.certificate_file = listen.certificate_file,
                                     .key_file = listen.key_file,
                                     .client_ca_file = listen.client_ca_file};
    return options;
}

int run(Workplace& place, StopSignal& signal) {
    const Result<web::Operators> operators = web::Operators::read(place.config().listen);
    if (!operators) return fail("serve", operators.error());
    const Result<std::string> jwks = public_jwks_of(place.config());
    if (!jwks) return fail("serve", jwks.error());
    Daemon daemon(place, signal);
    web::FhirApi api({.config = place.config(),
                      .store = place.store(),
                      .sealer = place.sealer(),
                      .operators = *operators,
                      .clock = place.clock(),
                      .random = place.random(),
                      .jwks = *jwks,
                      .ready = [&]() -> Status {
                          if (daemon.disk_failed())
                              return Error(ErrorKind::Storage, "a write to the disk failed");
                          if (signal.token().stop_requested())
                              return Error(ErrorKind::Cancelled, "stopping");
                          TRY(place.store().list({.count_max = 1}));
                          return {};
                      }});
    Result<std::unique_ptr<web::Server>> server =
        web::Server::start(server_options(place.config().listen),
                           [&](const web::ServerRequest& request) { return api.handle(request); });
    if (!server) return fail("serve", server.error());
    const audit::AuditLog& log = place.audit();
    place.log().info("serving", {{"port", int{(*server)->port()}}, {"audit_entries", log.size()}});

    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < place.config().limits.transfers; ++i)
        threads.emplace_back([&] { daemon.work(); });
    threads.emplace_back([&] { daemon.keep_house(); });
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
    LoadedConfig loaded = load_config(config_file);
    if (!loaded.config) return loaded.exit_code;
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Info);
    StopSignal signal([&] {
        // The running daemon keeps its configuration; a bad file is told and changes nothing.
        const LoadedConfig again = load_config(config_file);
        if (!again.config)
            log->warn("reload-refused");
        else
            log->warn("reload-needs-restart");
    });
    Result<std::unique_ptr<Workplace>> place =
        Workplace::open(std::move(*loaded.config), *log, attempts_max);
    if (!place) return fail("serve", place.error());
    if (const Status started = log_activity(**place, audit::Activity::Start); !started)
        return fail("serve", started.error());
    const int code = run(**place, signal);
    if (code == EX_IOERR) return code;
    if (const Status stopped = log_activity(**place, audit::Activity::Stop); !stopped)
        return fail("serve", stopped.error());
    log->info("stopped");
    return code;
}

}  // namespace consultd::commands
