#include "adapter/stages/pull/attachments.h"

#include <algorithm>
#include <array>
#include <deque>

#include "fhir/base/crypto.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;

// For names of Binaries that have none: version 5 of the URL namespace (RFC 9562 §6.6).
constexpr std::string_view url_namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
constexpr int damaged_attempts_max = 2;
constexpr std::size_t binary_overhead = 64 * 1024;

// "Type/Sub", with nothing that is unfit for a header.
bool is_media_type(std::string_view text) {
    if (text.empty() || text.size() > 200 || text.find('/') == std::string_view::npos) return false;
    for (const char c : text)
        if (c < 0x20 || c > 0x7e || c == ',' || c == '"') return false;
    return true;
}

}  // namespace

namespace {

// What a URL of an Attachment leads to.
enum class Leads {
    ToSource,  // the source's own bytes: fetched with our token
    ToStore,   // an origin that the configuration lists: fetched without one
    Elsewhere,
    ToResource,  // another FHIR resource, or a search: no attachment, and our token is not for it
};

// Below the base a resource's path is a resource, a search or an operation; bytes are a Binary's,
// a $docref's or a $binary-access-read's. https://hl7.org/fhir/R4/http.html
Leads leads_to(const fhir::Url& url, const fhir::Url& base, const std::vector<fhir::Url>& stores) {
    if (!url.same_origin(base)) {
        const bool is_listed = std::ranges::any_of(
            stores, [&](const fhir::Url& store) { return url.same_origin(store); });
        return is_listed ? Leads::ToStore : Leads::Elsewhere;
    }
    std::string_view below = url.path();
    if (!below.starts_with(base.path())) return Leads::ToSource;
    below.remove_prefix(base.path().size());
    while (below.starts_with('/')) below.remove_prefix(1);
    if (below.find("..") != std::string_view::npos) return Leads::ToResource;
    if (below.ends_with("$docref") || below.ends_with("$binary-access-read"))
        return Leads::ToSource;
    const std::string_view type = below.substr(0, below.find('/'));
    if (type.find('%') != std::string_view::npos) return Leads::ToResource;
    if (type == "Binary" && below.size() > type.size() + 1) return Leads::ToSource;
    const bool is_fhir = below.empty() || below.find('$') != std::string_view::npos ||
                         below == "metadata" || below == "_search" || below == "_history" ||
                         fhir::is_resource_type(type);
    return is_fhir ? Leads::ToResource : Leads::ToSource;
}

// What a server that does not produce the told type is asked for then: Oracle Health takes the told
// type or FHIR's, and others anything. https://hl7.org/fhir/R4/binary.html#rest
std::string accept_for(const std::string& told, int refusals) {
    if (refusals == 1) return "application/fhir+json";
    if (refusals > 1 || !is_media_type(told)) return "*/*";
    return told + ", */*;q=0.5";
}
constexpr int forms_max = 3;

// As object stores answer to a signature that is over (403, by
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html), and others.
bool has_expired(const fhir::Url& url, const Error& error) {
    constexpr auto statuses = std::to_array<std::int64_t>({400, 401, 403, 404, 410});
    const auto status = error.number("status");
    return is_signed(url) && status && std::ranges::count(statuses, *status) > 0;
}

}  // namespace

void Attachments::find_in(PullConversation& conversation, const std::string& name,
                          const Json& resource) {
    const fhir::Url& base = conversation.client.base();
    for (RemoteAttachment& found : remote_attachments(name, resource)) {
        const auto key = conversation.candidates->addresses().key_at_home(found.url);
        const bool is_binary = key && key->starts_with("Binary/");
        // By another name of the base as well, which is not where anything is sent.
        const Result<fhir::Url> url =
            is_binary ? base.below(*key) : base.below("").resolve(found.url);
        const Leads leads =
            url ? leads_to(*url, base, conversation.settings.attachment_origins) : Leads::Elsewhere;
        if (!url || leads == Leads::Elsewhere || leads == Leads::ToResource) {
            conversation.gaps.add(found.owner, !url ? StaticText("bad-url")
                                               : leads == Leads::ToResource
                                                   ? StaticText("not-an-attachment")
                                                   : how_foreign(base, found.url));
            continue;
        }
        const std::string target = is_binary ? *key : url->text();
        owners_[target].insert(found.owner);
        if (const auto failed = failed_.find(target); failed != failed_.end())
            conversation.gaps.add(found.owner, failed->second);
        if (conversation.candidates->knows(target) || done_.contains(target)) continue;
        const bool is_elsewhere = leads == Leads::ToStore;
        open_.try_emplace(target, Target{std::move(found), *url, target, is_elsewhere, *url});
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
            std::string accept =
                accept_for(target.attachment.content_type, refused_forms_[target.name]);
            conversation.count_request();
            // What came damaged is no answer to be content with.
            bounded.from = failures_[target.name] > 0 ? fhir::Call::From::Server
                                                      : fhir::Call::From::KeptOrServer;
            auto answer = target.is_elsewhere ? conversation.client.start_fetch_openly(
                                                    target.asked, std::move(accept), bounded)
                                              : conversation.client.start_fetch(
                                                    target.asked, std::move(accept), bounded);
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
        if (!answer && has_expired(fetching.target.asked, answer.error())) {
            const Result<bool> renewed = renew(conversation, fetching.target, call);
            if (!renewed && !ending) ending = renewed.error();
            if (renewed && *renewed) waiting.push_back(fetching.target);
            if (!renewed || *renewed) continue;
        }
        TRY(take_in(conversation, fetching.target, answer));
        if (open_.contains(fetching.target.name)) waiting.push_back(fetching.target);
    }
    if (ending) return *ending;
    return {};
}

Result<bool> Attachments::renew(PullConversation& conversation, Target& target,
                                const fhir::Call& call) {
    const std::string& owner = target.attachment.owner;
    const std::string key = owner.substr(0, owner.find(' '));
    if (fhir::Reference::parse(key).form != fhir::Reference::Form::Relative ||
        !renewed_.insert(target.name).second)
        return false;
    fhir::Call fresh = call;
    fresh.from = fhir::Call::From::Server;
    conversation.count_request();
    const fhir::Url& base = conversation.client.base();
    const auto answer = conversation.client.get(base.below(key), fresh);
    if (!answer && ends_run(answer.error(), 1)) {
        renewed_.erase(target.name);
        return answer.error();
    }
    if (!answer) return false;
    const auto now = remote_attachments(key, answer->body);
    const auto found = std::ranges::find(now, owner, &RemoteAttachment::owner);
    if (found == now.end()) return false;
    const auto url = base.below("").resolve(found->url);
    const Leads as_before = target.is_elsewhere ? Leads::ToStore : Leads::ToSource;
    if (!url || url->text() == target.asked.text() ||
        leads_to(*url, base, conversation.settings.attachment_origins) != as_before)
        return false;
    target.asked = *url;
    // If the run ends here: the next one goes on with the fresh one.
    open_.insert_or_assign(target.name, target);
    return true;
}

// Takes it off `open_`, unless it came damaged and is to be asked for once more.
Status Attachments::take_in(PullConversation& conversation, const Target& target,
                            const Result<fhir::FhirResponse>& answer) {
    const auto give_up = [&](StaticText reason) {
        fail(conversation, target.name, reason);
        return Status();
    };
    if (!answer && answer.error().number("status") == 406 &&
        ++refused_forms_[target.name] < forms_max)
        return {};
    if (!answer) return give_up(gap_reason(answer.error()));
    const Result<FetchedBytes> fetched =
        bytes_of_answer(*answer, conversation.limits.attachment_bytes);
    if (!fetched) return give_up("malformed-answer");
    if (fetched->bytes.size() > conversation.limits.attachment_bytes) return give_up("too-large");
    const bool is_binary = target.name.starts_with("Binary/");
    const std::string asked = is_binary ? target.name.substr(target.name.find('/') + 1) : "";
    if (is_binary && !fetched->id.empty() && fetched->id != asked) return give_up("other-resource");
    if (!verified(conversation, target, *fetched)) return {};

    const std::string id = is_binary ? asked
                           : is_signed(target.url)
                               ? conversation.signed_urls->learn(target.url, fetched->bytes)
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
    const std::optional<StaticText> damage = mismatch(target.attachment, fetched);
    if (!damage) return true;
    if (++failures_[target.name] < damaged_attempts_max) return false;
    fail(conversation, target.name, *damage);
    return false;
}

}  // namespace consultd
