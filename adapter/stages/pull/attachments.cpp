#include "adapter/stages/pull/attachments.h"

#include <deque>

#include "fhir/base/crypto.h"
#include "fhir/r4/walk.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;

// For names of Binaries that have none: version 5 of the URL namespace (RFC 9562 §6.6).
constexpr std::string_view url_namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
// MHD's sign for "made when it is asked for": no size, and the hash of no bytes.
// https://profiles.ihe.net/ITI/MHD/ITI-65.html
constexpr std::string_view hash_of_nothing = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
constexpr int damaged_attempts_max = 2;
constexpr std::size_t binary_overhead = 64 * 1024;

class AttachmentFinder final : public fhir::r4::Walker {
public:
    explicit AttachmentFinder(std::string name) : name_(std::move(name)) {}
    fhir::r4::Edit attachment(const fhir::r4::Visit& visit) override {
        ++count_;
        const fhir::JsonView value = visit.value;
        if (value["url"].string().empty() || value["data"].is_string())
            return fhir::r4::Edit::keep();
        RemoteAttachment found{name_ + " attachment " + std::to_string(count_),
                               std::string(value["url"].string()),
                               std::string(value["contentType"].string()),
                               std::string(value["hash"].string()), value["size"].integer()};
        if (found.size == 0 && found.hash == hash_of_nothing) {
            found.size.reset();
            found.hash.clear();
        }
        found_.push_back(std::move(found));
        return fhir::r4::Edit::keep();
    }
    std::vector<RemoteAttachment> take() { return std::move(found_); }

private:
    std::string name_;
    std::size_t count_ = 0;
    std::vector<RemoteAttachment> found_;
};

// "Type/Sub", with nothing that is unfit for a header.
bool is_media_type(std::string_view text) {
    if (text.empty() || text.size() > 200 || text.find('/') == std::string_view::npos) return false;
    for (const char c : text)
        if (c < 0x20 || c > 0x7e || c == ',' || c == '"') return false;
    return true;
}

}  // namespace

std::vector<RemoteAttachment> remote_attachments(const std::string& name, const Json& resource) {
    AttachmentFinder finder(name);
    (void)fhir::r4::walk(resource, finder);
    return finder.take();
}

// https://hl7.org/fhir/R4/binary.html#rest: whatever was asked for, either form may come.
Result<FetchedBytes> bytes_of_answer(const fhir::FhirResponse& answer, std::size_t bytes_max) {
    Json json = answer.body;
    if (json.is_null() && answer.content_type.find("json") != std::string::npos) {
        const fhir::JsonLimits limits{.bytes_max = bytes_max / 3 * 4 + binary_overhead};
        if (Result<Json> parsed = Json::parse(answer.raw, limits)) json = *std::move(parsed);
    }
    if (json["resourceType"].string() == "Binary") {
        auto bytes = crypto::from_base64(json["data"].string(), crypto::WhiteSpace::Skip);
        if (!bytes || !json["data"].is_string())
            return Error(ErrorKind::Malformed, "a Binary has no base64 data");
        return FetchedBytes{std::string(json["contentType"].string()), *std::move(bytes),
                            json.get("securityContext")};
    }
    if (json["resourceType"].string() == "OperationOutcome")
        return Error(ErrorKind::Malformed, "an attachment's answer is an OperationOutcome");
    // A FHIR document as an attachment: the client has read it; its white space is gone, which a
    // hash would tell.
    if (!answer.body.is_null()) return FetchedBytes{answer.content_type, answer.body.print(), {}};
    return FetchedBytes{answer.content_type, answer.raw, {}};
}

void Attachments::find_in(PullConversation& conversation, const std::string& name,
                          const Json& resource) {
    const fhir::Url& base = conversation.client.base();
    for (RemoteAttachment& found : remote_attachments(name, resource)) {
        const Result<fhir::Url> url = base.below("").resolve(found.url);
        if (!url || !url->same_origin(base)) {
            conversation.gaps.add(found.owner,
                                  url ? StaticText("foreign-host") : StaticText("bad-url"));
            continue;
        }
        const auto key = key_at_base(base, found.url);
        const bool is_binary = key && key->starts_with("Binary/");
        const std::string target = is_binary ? *key : url->text();
        owners_[target].insert(found.owner);
        if (const auto failed = failed_.find(target); failed != failed_.end())
            conversation.gaps.add(found.owner, failed->second);
        if (conversation.candidates->knows(target) || done_.contains(target)) continue;
        open_.try_emplace(target, Target{std::move(found), *url, target});
    }
}

std::vector<Attachments::Target> Attachments::find_targets(PullConversation& conversation) {
    const Reach reach = conversation.candidates->reach();
    conversation.candidates->each_standing([&](const std::string& name, const Candidate& one) {
        if (reach.is_reached(name) && looked_at_.insert(name).second)
            find_in(conversation, name, one.json);
    });
    std::vector<Target> targets;
    for (const auto& [name, target] : open_) targets.push_back(target);
    return targets;
}

Status Attachments::fetch(PullConversation& conversation, const fhir::Call& call) {
    struct Fetching {
        Target target;
        std::future<Result<fhir::FhirResponse>> answer;
    };
    fhir::Call bounded = call;
    bounded.bytes_max = conversation.limits.attachment_bytes / 3 * 4 + binary_overhead;
    const std::vector<Target> targets = find_targets(conversation);
    std::deque<Target> waiting(targets.begin(), targets.end());
    std::deque<Fetching> under_way;
    std::optional<Error> ending;
    while (true) {
        while (!ending && !waiting.empty() && under_way.size() < conversation.parallel()) {
            Target target = std::move(waiting.front());
            waiting.pop_front();
            const std::string& type = target.attachment.content_type;
            std::string accept = is_media_type(type) ? type + ", */*;q=0.5" : "*/*";
            conversation.count_request();
            auto answer = conversation.client.start_fetch(target.url, std::move(accept), bounded);
            under_way.push_back({std::move(target), std::move(answer)});
        }
        if (under_way.empty()) break;
        Fetching fetching = std::move(under_way.front());
        under_way.pop_front();
        const Result<fhir::FhirResponse> answer = fetching.answer.get();
        if (!answer && ends_run(answer.error(), ++failures_[fetching.target.name])) {
            if (!ending) ending = answer.error();
            continue;
        }
        TRY(take_in(conversation, fetching.target, answer));
        if (open_.contains(fetching.target.name)) waiting.push_back(fetching.target);
    }
    if (ending) return *ending;
    return {};
}

// Takes it off `open_`, unless it came damaged and is to be asked for once more.
Status Attachments::take_in(PullConversation& conversation, const Target& target,
                            const Result<fhir::FhirResponse>& answer) {
    const auto give_up = [&](StaticText reason) {
        fail(conversation, target.name, reason);
        return Status();
    };
    if (!answer) return give_up(gap_reason(answer.error()));
    const Result<FetchedBytes> fetched =
        bytes_of_answer(*answer, conversation.limits.attachment_bytes);
    if (!fetched) return give_up("malformed-answer");
    if (fetched->bytes.size() > conversation.limits.attachment_bytes) return give_up("too-large");
    if (!verified(conversation, target, *fetched)) return {};

    const bool is_binary = target.name.starts_with("Binary/");
    const std::string id = is_binary ? target.name.substr(target.name.find('/') + 1)
                                     : crypto::uuid_v5(url_namespace, target.name);
    const std::string& told = target.attachment.content_type;
    const std::string type = !told.empty() ? told : fetched->content_type;
    const Json binary =
        Json::object({{"resourceType", "Binary"},
                      {"id", id},
                      {"contentType", type.empty() ? "application/octet-stream" : type},
                      {"securityContext", fetched->security_context},
                      {"data", crypto::base64(fetched->bytes)}});
    done_.insert(target.name);
    open_.erase(target.name);
    if (is_binary)
        TRY(conversation.candidates->add({.json = binary}));
    else
        TRY(conversation.candidates->add_binary(target.name, target.url.text(), binary));
    // Its securityContext or its bytes are another patient's.
    if (!conversation.candidates->find(target.name))
        fail(conversation, target.name, "unproven-patient");
    return {};
}

// A gap of each that leads there: one of them may be withheld later, the others lack it all the
// same.
void Attachments::fail(PullConversation& conversation, const std::string& target,
                       StaticText reason) {
    for (const std::string& owner : owners_[target]) conversation.gaps.add(owner, reason);
    failed_.emplace(target, reason);
    done_.insert(target);
    open_.erase(target);
}

bool Attachments::verified(PullConversation& conversation, const Target& target,
                           const FetchedBytes& fetched) {
    const RemoteAttachment& told = target.attachment;
    StaticText damage = "";
    if (told.size && *told.size != static_cast<std::int64_t>(fetched.bytes.size()))
        damage = "size-mismatch";
    if (!told.hash.empty() &&
        crypto::from_base64(told.hash, crypto::WhiteSpace::Skip) != crypto::sha1(fetched.bytes))
        damage = "hash-mismatch";
    if (damage.view().empty()) return true;
    if (++failures_[target.name] < damaged_attempts_max) return false;
    fail(conversation, target.name, damage);
    return false;
}

}  // namespace consultd
