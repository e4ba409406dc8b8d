#include "adapter/stages/pull/signed_urls.h"

#include <algorithm>
#include <set>

#include "fhir/base/crypto.h"
#include "fhir/r4/walk.h"

namespace consultd {
namespace {

using fhir::Json;

// For names of Binaries that have none: version 5 of the URL namespace (RFC 9562 §6.6).
constexpr std::string_view url_namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

template <class Use>
class UrlsOfAttachments final : public fhir::r4::Walker {
public:
    explicit UrlsOfAttachments(Use use) : use_(std::move(use)) {}
    fhir::r4::Edit attachment(const fhir::r4::Visit& visit) override {
        if (visit.value["url"].string().empty()) return fhir::r4::Edit::keep();
        return use_(visit);
    }

private:
    Use use_;
};

}  // namespace

bool is_signed(const fhir::Url& url) { return !url.query().empty(); }

const std::string& SignedUrls::learn(const fhir::Url& url, std::string_view bytes) {
    return ids_[url.text()] = crypto::uuid_v5(url_namespace, crypto::hex(crypto::sha256(bytes)));
}

std::string SignedUrls::id_of(const std::string& url) const {
    const auto found = ids_.find(url);
    return found != ids_.end() ? found->second : crypto::uuid_v5(url_namespace, url);
}

Json SignedUrls::without(const Json& resource) const {
    UrlsOfAttachments walker([&](const fhir::r4::Visit& visit) {
        const auto url = base_.below("").resolve(visit.value["url"].string());
        if (!url || !is_signed(*url)) return fhir::r4::Edit::keep();
        const auto found = ids_.find(url->text());
        const Json next = found == ids_.end() ? Json() : Json("urn:uuid:" + found->second);
        return fhir::r4::Edit::replace(visit.value.with("url", next));
    });
    return fhir::r4::walk(resource, walker);
}

void SignedUrls::take_out(Record& record) const {
    std::set<std::string> names;
    std::vector<PulledResource> kept;
    for (PulledResource& pulled : record.resources) {
        const auto url = fhir::Url::parse(pulled.source);
        if (url && is_signed(*url)) {
            const std::string id = id_of(pulled.source);
            pulled.source = "Binary/" + id;
            pulled.full_url = "urn:uuid:" + id;
            if (!names.insert(id).second) continue;  // the same bytes by another URL
        }
        const Json& json = pulled.resource.json();
        if (json.print().find('?') != std::string::npos && pulled.resource.type() != "Binary")
            if (Result<fhir::Resource> clean = fhir::Resource::from(without(json)))
                pulled.resource = *std::move(clean);
        kept.push_back(std::move(pulled));
    }
    record.resources = std::move(kept);
    std::ranges::sort(record.resources, {}, &PulledResource::source);
    for (RejectedResource& rejected : record.rejected)
        if (const auto url = fhir::Url::parse(rejected.source); url && is_signed(*url))
            rejected.source = "Binary/" + id_of(rejected.source);
    std::ranges::sort(record.rejected, {}, &RejectedResource::source);
}

}  // namespace consultd
