#include "adapter/peers.h"

#include <algorithm>

#include "adapter/pace.h"
#include "adapter/stages/authorize.h"
#include "fhir/base/jws.h"
#include "fhir/client/granted_scope.h"

namespace consultd {
namespace {

constexpr StaticText source_side = "source";
constexpr StaticText destination_side = "destination";
// What a server says of itself changes with its releases, not by the minute.
constexpr Milliseconds capability_span = std::chrono::hours(1);

fhir::JsonLimits json_limits(const config::Limits& limits) {
    return {.bytes_max = limits.record_bytes, .depth_max = limits.json_depth};
}

std::string address_of(const fhir::Url& base) {
    return base.origin().substr(base.scheme().size() + 3);  // after "https://"
}

// A share of a transport, which takes requests to any origin.
class SharedTransport final : public fhir::HttpTransport {
public:
    explicit SharedTransport(std::shared_ptr<fhir::HttpTransport> shared)
        : shared_(std::move(shared)) {}
    std::future<Result<fhir::HttpResponse>> start(fhir::HttpRequest request,
                                                  std::stop_token stop) override {
        return shared_->start(std::move(request), std::move(stop));
    }
    Result<fhir::HttpResponse> stream(fhir::HttpRequest request, std::stop_token stop,
                                      const fhir::BodySink& sink) override {
        return shared_->stream(std::move(request), std::move(stop), sink);
    }

private:
    const std::shared_ptr<fhir::HttpTransport> shared_;
};

// It could not be reached, or did not let us in; any other error is an answer.
bool is_no_answer(ErrorKind kind) {
    return kind == ErrorKind::Unavailable || kind == ErrorKind::RateLimited ||
           kind == ErrorKind::Uncertain || kind == ErrorKind::Unauthorized ||
           kind == ErrorKind::Forbidden;
}

// As we register, where we do: the address that patients come back to, and who runs this.
PeerTools named(PeerTools tools, const config::Config& config) {
    tools.redirect_uri = config.listen.public_url + "/portal/callback";
    tools.app_name = config.portal.run_by.empty() ? "consultd" : config.portal.run_by;
    return tools;
}

// Nobody talked to it, or the talk was broken off by us.
bool is_no_talk(ErrorKind kind) {
    return kind == ErrorKind::Cancelled || kind == ErrorKind::Config;
}

}  // namespace

// How its door is opened and how it is talked to, in the order in which they need each other.
struct Peer::Door {
    std::unique_ptr<fhir::HttpTransport> transport;
    std::unique_ptr<fhir::Credentials> credentials;
    std::unique_ptr<fhir::FhirClient> client;
};

Peer::Peer(const config::Source& source, const config::Limits& limits, PeerTools tools)
    : side_(source_side),
      key_(source.key),
      address_(address_of(source.fhir_base_url)),
      base_(source.fhir_base_url),
      auth_(source.auth),
      tls_(source.tls),
      connections_max_(std::max<std::size_t>(source.pull.parallel, 1)),
      limits_(json_limits(limits)),
      tools_(std::move(tools)) {}

Peer::Peer(const config::Destination& destination, const config::Limits& limits, PeerTools tools)
    : side_(destination_side),
      key_(destination.key),
      address_(address_of(destination.fhir_base_url)),
      base_(destination.fhir_base_url),
      auth_(destination.auth),
      tls_(destination.tls),
      connections_max_(std::max<std::size_t>(limits.transfers, 1)),
      limits_(json_limits(limits)),
      tools_(std::move(tools)) {}

Peer::~Peer() = default;

Result<std::unique_ptr<Peer::Door>> Peer::open() const {
    auto door = std::make_unique<Door>();
    TRY_ASSIGN(door->transport, tools_.make_transport({.ca_file = tls_.ca_file,
                                                       .certificate_file = tls_.certificate_file,
                                                       .key_file = tls_.key_file,
                                                       .connections_max = connections_max_},
                                                      tools_.clock));
    if (side_.view() == source_side.view())
        door->transport = paced(std::move(door->transport), tools_.clock);
    TRY_ASSIGN(door->credentials,
               make_credentials(auth_, base_, *door->transport, tools_.clock, tools_.random));
    door->client = std::make_unique<fhir::FhirClient>(base_, *door->transport, *door->credentials,
                                                      tools_.clock, limits_);
    return door;
}

Result<fhir::FhirClient*> Peer::client() {
    const std::lock_guard lock(mutex_);
    if (!door_) {
        Result<std::unique_ptr<Door>> opened = open();
        if (!opened) return Error(opened.error()).with("side", side_);
        door_ = *std::move(opened);
    }
    return door_->client.get();
}

Result<fhir::SmartStandalone> Peer::sign_in(const fhir::Call& call) {
    TRY(client());  // the door is open then
    TRY_ASSIGN(fhir::SmartClient known_as, this->known_as(call));
    const std::lock_guard lock(mutex_);
    return fhir::SmartStandalone(base_, std::move(known_as), *door_->transport, tools_.clock,
                                 tools_.random);
}

Result<fhir::SmartClient> Peer::known_as(const fhir::Call& call) {
    TRY_ASSIGN(fhir::SmartClient client, read_smart_client(auth_));
    if (!auth_.registers || !tools_.keep_client) return client;
    const auto is_good = [this](const fhir::RegisteredClient& known) {
        return !known.secret_until || tools_.clock.now() < *known.secret_until;
    };
    const auto ask = [&]() -> Result<fhir::RegisteredClient> {
        TRY_ASSIGN(std::optional<std::string> kept, tools_.kept_client(key_));
        auto known =
            fhir::registered_client(std::move(kept).value_or(""), base_, tools_.redirect_uri);
        if (known && is_good(*known)) return *std::move(known);
        return register_now(call);
    };
    TRY_ASSIGN(const fhir::RegisteredClient registered,
               registered_.get(is_good, ask, call.deadline, tools_.clock, call.stop));
    client.client_id = registered.client_id;
    if (!registered.secret.reveal().empty()) client.secret = registered.secret;
    return client;
}

Result<fhir::RegisteredClient> Peer::register_now(const fhir::Call& call) const {
    fhir::HttpTransport& transport = *door_->transport;
    TRY_ASSIGN(const fhir::SmartConfiguration server,
               fhir::discover_sign_in(base_, transport, tools_.clock, call.deadline, call.stop));
    fhir::ClientMetadata about_us{.name = tools_.app_name,
                                  .redirect_uri = tools_.redirect_uri,
                                  .scope = fhir::sign_in_scope(server, auth_.scope)};
    if (!auth_.key_file.empty()) {
        TRY_ASSIGN(const crypto::Key key, read_client_key(auth_));
        about_us.jwks = jws::public_jwks({key});
    }
    TRY_ASSIGN(
        fhir::RegisteredClient registered,
        fhir::register_client(server, about_us, transport, tools_.clock, call.deadline, call.stop));
    // If we die before this: the server has a client that nobody uses, and gets another.
    TRY(tools_.keep_client(key_, fhir::text_of(registered, base_, tools_.redirect_uri)));
    return registered;
}

// The next one who wants to sign in registers us anew.
void Peer::forget_client() {
    if (!tools_.keep_client || !tools_.keep_client(key_, "")) return;
    registered_.forget();
}

Result<std::shared_ptr<const fhir::Capability>> Peer::capability(const fhir::Call& call) {
    TRY_ASSIGN(fhir::FhirClient* const client, this->client());
    const auto is_good = [this](const Said& said) {
        return tools_.clock.monotonic_now() < said.use_until;
    };
    // Heard by whoever asks: of many who wait for one answer, one has talked.
    const auto ask = [&]() -> Result<Said> {
        TRY_ASSIGN(fhir::Capability capability, heard(fhir::Capability::read(*client, call)));
        return Said{std::make_shared<const fhir::Capability>(std::move(capability)),
                    tools_.clock.monotonic_now() + capability_span};
    };
    Result<Said> said = said_.get(is_good, ask, call.deadline, tools_.clock, call.stop);
    if (!said) return with_side(said.error());
    return std::move(said->capability);
}

Error Peer::failed(Error error) {
    const ErrorKind kind = error.kind();
    // RFC 6749 §5.2: the server does not know us by what it gave us once.
    if (const auto word = error.text("oauth");
        auth_.registers && word && word->view() == "invalid_client")
        forget_client();
    if (kind == ErrorKind::Unsupported || kind == ErrorKind::NotFound) said_.forget();
    if (is_no_answer(kind)) {
        const std::lock_guard lock(mutex_);
        ++health_.failures;
    } else if (!is_no_talk(kind)) {
        answered();
    }
    return with_side(std::move(error));
}

Error Peer::with_side(Error error) const {
    return error.text("side") ? error : std::move(error).with("side", side_);
}

Learnt Peer::learnt() const {
    const std::lock_guard lock(mutex_);
    Learnt learnt = learnt_;
    learnt.forget_old(tools_.clock.now());
    return learnt;
}

void Peer::learn(const std::function<void(Learnt&)>& change, std::string_view by) {
    const std::lock_guard lock(mutex_);
    learnt_.forget_old(tools_.clock.now());
    const Learnt before = learnt_;
    change(learnt_);
    learnt_.note_changes(before, by, tools_.clock.now());
    has_learnt_more_ = has_learnt_more_ || learnt_.print("") != before.print("");
}

std::optional<std::string> Peer::learnt_to_keep() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(has_learnt_more_, false)) return std::nullopt;
    return learnt_.print(base_.text());
}

void Peer::recall(std::string kept) {
    const std::lock_guard lock(mutex_);
    learnt_ = Learnt::parse(std::move(kept), base_.text());
}

void Peer::answered() {
    const std::lock_guard lock(mutex_);
    health_ = {.failures = 0, .answered = tools_.clock.monotonic_now()};
}

PeerHealth Peer::health() const {
    const std::lock_guard lock(mutex_);
    return health_;
}

Peers::Peers(const config::Config& config, PeerTools tools)
    : config_(config), tools_(named(std::move(tools), config)) {
    for (const auto& [key, source] : config.sources)
        sources_.emplace(key, std::make_unique<Peer>(source, config.limits, tools_));
    for (const auto& [key, destination] : config.destinations)
        destinations_.emplace(key, std::make_unique<Peer>(destination, config.limits, tools_));
}

Peer* Peers::source(const std::string& key) const {
    if (Peer* const peer = find(sources_, key)) return peer;
    const std::lock_guard lock(mutex_);
    if (Peer* const peer = find(listed_, key)) return peer;
    const std::optional<config::Source> source = config_.source(key);
    if (!source) return nullptr;
    PeerTools tools = tools_;
    tools.make_transport = [this](const fhir::HttpOptions& options, Clock& clock) {
        return shared_transport(options, clock);
    };
    return listed_.emplace(key, std::make_unique<Peer>(*source, config_.limits, std::move(tools)))
        .first->second.get();
}

Result<std::unique_ptr<fhir::HttpTransport>> Peers::shared_transport(
    const fhir::HttpOptions& options, Clock& clock) const {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<fhir::HttpTransport>& shared =
        transports_[{options.ca_file, options.certificate_file, options.key_file,
                     std::to_string(options.connections_max)}];
    if (!shared) {
        TRY_ASSIGN(shared, tools_.make_transport(options, clock));
    }
    return std::unique_ptr<fhir::HttpTransport>(std::make_unique<SharedTransport>(shared));
}

}  // namespace consultd
