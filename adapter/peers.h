// Peers: the institutions of the configuration, one Peer each, alive as long as that configuration
// is in force. A Peer owns what a conversation needs: the transport with its trust store, the
// credentials with their token and what discovery found, what the server says it can do, and how it
// has answered lately. Knows nothing of transfers. Many threads may talk to one Peer at once; what
// several of them need (a token, /metadata) is asked for once.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapter/learnt.h"
#include "adapter/log.h"
#include "config/config.h"
#include "fhir/base/asked_once.h"
#include "fhir/base/random.h"
#include "fhir/client/capability.h"
#include "fhir/client/registration.h"
#include "fhir/client/smart_standalone.h"

namespace consultd {

// What peers are made with; clock and random outlive them.
struct PeerTools {
    Clock& clock;
    Random& random;
    // For tests: another transport than cpprestsdk's.
    std::function<Result<std::unique_ptr<fhir::HttpTransport>>(const fhir::HttpOptions&, Clock&)>
        make_transport = fhir::make_http_transport;
    // Where clients that servers have registered are kept, by the key of the source: secrets, and
    // durable before they are used. Empty: nowhere, and none is registered.
    std::function<Result<std::optional<std::string>>(const std::string& key)> kept_client = {};
    std::function<Status(const std::string& key, const std::string& client)> keep_client = {};
    std::string redirect_uri = {}, app_name = {};  // as we register; Peers has them
};

// How a peer has answered lately, for whoever must find out why a transfer stands.
struct PeerHealth {
    std::uint32_t failures = 0;             // in a row: it could not be reached, or let us not in
    std::optional<MonotonicTime> answered;  // when it last did
};

class Peer {
public:
    // A source takes `pull.parallel` requests at once, of all transfers together: that is what its
    // operators agreed to. A destination takes one of each transfer that is worked on: a long send
    // must not keep the read-back of another waiting.
    Peer(const config::Source& source, const config::Limits& limits, PeerTools tools);
    Peer(const config::Destination& destination, const config::Limits& limits, PeerTools tools);
    ~Peer();

    const fhir::Url& base() const { return base_; }
    StaticText side() const { return side_; }  // "source", "destination"
    ConfigName key() const { return ConfigName(key_); }
    ConfigName address() const { return ConfigName(address_); }  // "ehr.example:443"

    // Opened at the first use; never null. Config, Unsupported: as their makers say; an error is
    // not kept, so that a file that is mended is read.
    Result<fhir::FhirClient*> client();
    // How patients sign in there; lives no longer than the Peer. Config: a file cannot be read.
    // Where we register ourselves, that is done when there is no client yet, or the server does not
    // know it any more; errors then as fhir::register_client() and discovery have them.
    Result<fhir::SmartStandalone> sign_in(const fhir::Call& call);
    // Never null; asked for again after an hour, and after an answer that it does not fit
    // (heard()). Errors as fhir::Capability::read() has them.
    Result<std::shared_ptr<const fhir::Capability>> capability(const fhir::Call& call);

    // What came of talking to it, given back: an error with the detail `side`, so that whoever
    // tells it can say with whom. Keeps count of the health.
    template <class T>
    Result<T> heard(Result<T> result) {
        if (!result) return failed(result.error());
        answered();
        return result;
    }
    PeerHealth health() const;
    Learnt learnt() const;
    // `by`: by what it was seen, a word or the status of an answer.
    void learn(const std::function<void(Learnt&)>& change, std::string_view by);
    // As it is to be kept, where there is more to keep than before; and as it was kept.
    std::optional<std::string> learnt_to_keep();
    void recall(std::string kept);

private:
    struct Door;
    struct Said {
        std::shared_ptr<const fhir::Capability> capability;
        MonotonicTime use_until;
    };
    Result<fhir::SmartClient> known_as(const fhir::Call& call);
    Result<fhir::RegisteredClient> register_now(const fhir::Call& call) const;
    void forget_client();
    Error failed(Error error);
    Error with_side(Error error) const;
    void answered();
    Result<std::unique_ptr<Door>> open() const;

    const StaticText side_;
    const std::string key_, address_;
    const fhir::Url base_;
    const config::Auth auth_;
    const config::Tls tls_;
    const std::size_t connections_max_;
    const fhir::JsonLimits limits_;
    const PeerTools tools_;
    AskedOnce<Said> said_;
    AskedOnce<fhir::RegisteredClient> registered_;
    mutable std::mutex mutex_;  // guards what follows
    std::unique_ptr<Door> door_;
    PeerHealth health_;
    Learnt learnt_;
    bool has_learnt_more_ = false;
};

class Peers {
public:
    // The configuration outlives this.
    Peers(const config::Config& config, PeerTools tools);
    // Null: the configuration has none of that name. What a directory lists is made when it is
    // first asked for.
    Peer* source(const std::string& key) const;
    Peer* destination(const std::string& key) const { return find(destinations_, key); }

private:
    using ByKey = std::map<std::string, std::unique_ptr<Peer>, std::less<>>;
    static Peer* find(const ByKey& peers, const std::string& key) {
        const auto found = peers.find(key);
        return found == peers.end() ? nullptr : found->second.get();
    }
    using ByTls = std::map<std::array<std::string, 4>, std::shared_ptr<fhir::HttpTransport>>;
    // One transport for all that a directory lists, of which there may be thousands.
    Result<std::unique_ptr<fhir::HttpTransport>> shared_transport(const fhir::HttpOptions& options,
                                                                  Clock& clock) const;

    const config::Config& config_;
    const PeerTools tools_;
    ByKey sources_, destinations_;
    mutable std::mutex mutex_;  // guards what follows
    mutable ByTls transports_;
    mutable ByKey listed_;
};

}  // namespace consultd
