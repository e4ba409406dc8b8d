// consultd-sandbox: a FHIR server to try consultd against: a source EHR, a receiver, or both.
#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include "samples/sandbox/load.h"
#include "samples/sandbox/sandbox.h"

namespace {

using namespace consultd;

struct Arguments {
    std::string role = "both", address = "127.0.0.1", origin, ready_file, state_file;
    std::uint16_t port = 0;
    std::vector<std::string> apps;
    std::vector<std::string> data, client_ids, client_jwks, scopes{"system/*.cruds"}, faults,
        habits;
    std::string certificate, key, client_ca;
    bool no_auth = false, registration = false;
    sandbox::SandboxOptions options;
};

void describe(CLI::App& app, Arguments& given) {
    app.add_option("--role", given.role, "ehr takes no writes; receiver and both do")
        ->check(CLI::IsMember({"ehr", "receiver", "both"}));
    app.add_option("--address", given.address, "IP address to listen on");
    app.add_option("--port", given.port, "0: any free one");
    app.add_option("--origin", given.origin, "https://host:port as clients see it");
    app.add_option("--data", given.data, "files or folders to load, in this order");
    app.add_option("--certificate", given.certificate, "PEM; without it plain HTTP is spoken");
    app.add_option("--key", given.key, "PEM");
    app.add_option("--client-ca", given.client_ca, "PEM; client certificates are then demanded");
    app.add_option("--client-id", given.client_ids, "a SMART client; goes with a --client-jwks");
    app.add_option("--client-jwks", given.client_jwks, "its JWK set, a file");
    app.add_option(
        "--app", given.apps,
        "where patients may sign in to: ID,REDIRECT-ADDRESS or ID,REDIRECT-ADDRESS,SECRET");
    app.add_flag("--registration", given.registration,
                 "apps register themselves, and patients may sign in to them");
    app.add_option("--scope", given.scopes, "all that clients may be granted");
    app.add_flag("--no-auth", given.no_auth, "no token is needed");
    app.add_option("--page-size", given.options.page_size, "entries a page unless _count says");
    app.add_option("--page-size-max", given.options.page_size_max, "at most, whatever _count says");
    app.add_flag("--lenient", given.options.search.lenient,
                 "unknown search parameters are ignored");
    app.add_flag("--require-category", given.options.search.require_category,
                 "Observation is searched by category or code only");
    app.add_flag("--everything", given.options.everything, "offers Patient/$everything");
    app.add_flag("--update-create", given.options.write.update_create, "clients may choose ids");
    app.add_option("--fault", given.faults,
                   "NAME[:ARGUMENT][*COUNT], once unless counted, always with a bare *");
    app.add_option("--be", given.habits, "a habit, NAME[:NUMBER]: what a receiver always does");
    app.add_option("--ready-file", given.ready_file, "written when requests are taken");
    app.add_option("--state-file", given.state_file, "counts by type, written at the end");
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// For who waits for the file: it is never seen half written.
bool write_file(const std::string& path, const std::string& text) {
    if (path.empty()) return true;
    const std::string draft = path + ".new";
    std::ofstream(draft, std::ios::binary) << text << '\n';
    return std::rename(draft.c_str(), path.c_str()) == 0;
}

int fail(const std::string& what, const Error& error) {
    std::cerr << "consultd-sandbox: " << what << ": " << error.message() << '\n';
    return 1;
}

Status prepare(sandbox::Sandbox& box, const Arguments& given, const Clock& clock) {
    if (given.client_ids.size() != given.client_jwks.size())
        return Error(ErrorKind::Config, "each --client-id goes with a --client-jwks");
    for (std::size_t i = 0; i < given.client_ids.size(); ++i)
        TRY(box.tokens().add_client(given.client_ids[i], read_file(given.client_jwks[i]),
                                    given.scopes));
    for (const std::string& app : given.apps) {
        const std::size_t first = std::min(app.find(','), app.size());
        const std::size_t second = std::min(app.find(',', first + 1), app.size());
        if (first == app.size()) return Error(ErrorKind::Config, "an --app has a redirect address");
        box.sign_in().add_client(app.substr(0, first), app.substr(first + 1, second - first - 1),
                                 app.substr(std::min(second + 1, app.size())));
    }
    if (given.registration) box.sign_in().let_register();
    for (const std::string& fault : given.faults) TRY(box.faults().add(fault));
    for (const std::string& path : given.data) {
        const auto loaded = sandbox::load_path(box.store(), path, clock.now());
        if (!loaded) {
            std::cerr << "consultd-sandbox: in " << path << '\n';
            return loaded.error();
        }
        std::cerr << "loaded " << *loaded << " resources from " << path << '\n';
    }
    return {};
}

int run(Arguments& given) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    given.options.writable = given.role != "ehr";
    given.options.needs_token = !given.no_auth;
    for (const std::string& habit : given.habits)
        if (const Status added = given.options.habits.add(habit); !added)
            return fail("cannot be " + habit, added.error());
    SystemClock clock;
    SystemRandom random;
    sandbox::Sandbox box(given.options, clock, random);
    if (const Status prepared = prepare(box, given, clock); !prepared)
        return fail("cannot start", prepared.error());

    web::ServerOptions options;
    options.address = given.address;
    options.port = given.port;
    options.body_bytes_max = std::size_t{256} << 20;
    if (!given.certificate.empty())
        options.tls =
            web::ServerTls{given.certificate, given.key, given.client_ca, !given.client_ca.empty()};
    auto server = web::Server::start(
        options, [&box](const web::ServerRequest& request) { return box.handle(request); });
    if (!server) return fail("cannot listen", server.error());
    const std::string scheme = options.tls ? "https" : "http";
    if (given.origin.empty())
        given.origin = scheme + "://localhost:" + std::to_string((*server)->port());
    box.set_origin(given.origin);
    const fhir::Json ready =
        fhir::Json::object({{"port", fhir::Json(std::int64_t{(*server)->port()})},
                            {"fhirBaseUrl", given.origin + "/fhir"},
                            {"tokenUrl", given.origin + "/token"}});
    std::cerr << "consultd-sandbox: " << given.role << " at " << given.origin << "/fhir\n";
    if (!write_file(given.ready_file, ready.print())) {
        std::cerr << "consultd-sandbox: cannot write the ready file\n";
        return 73;
    }
    int signal = 0;
    sigwait(&signals, &signal);
    (*server)->stop(std::chrono::seconds(5));
    return write_file(given.state_file, box.state().print()) ? 0 : 73;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments given;
    CLI::App app{"consultd-sandbox: a FHIR server without real patients, to try consultd against"};
    describe(app, given);
    CLI11_PARSE(app, argc, argv);
    return run(given);
}
