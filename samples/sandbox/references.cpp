#include "samples/sandbox/references.h"

#include "fhir/r4/walk.h"
#include "fhir/resource.h"

namespace consultd::sandbox {
namespace {

using fhir::Json;
using fhir::r4::Edit;
using fhir::r4::Visit;

bool is_inner_bundle(const Visit& visit) { return visit.type.name.view() == "Bundle"; }

class Rewriter final : public fhir::r4::Walker {
public:
    explicit Rewriter(const Links& links) : links_(links) {}

    bool enter(const Visit& visit) override { return !is_inner_bundle(visit); }
    Edit reference(const Visit& visit) override {
        const auto link = links_.find(visit.value["reference"].string());
        if (link == links_.end()) return Edit::keep();
        return Edit::replace(visit.value.with("reference", link->second));
    }
    // A canonical is not rewritten, an identifier's value is a string and not either.
    Edit element(const Visit& visit) override {
        const std::string_view type = visit.type.name.view();
        if (type != "uri" && type != "url" && type != "oid" && type != "uuid") return Edit::keep();
        const auto link = links_.find(visit.value.string());
        if (link == links_.end()) return Edit::keep();
        return Edit::replace(Json(link->second), visit.sibling);
    }
    Edit narrative(const Visit& visit) override {
        std::string div(visit.value["div"].string());
        bool changed = false;
        for (std::string_view attribute : {"href=\"", "src=\""})
            for (std::size_t i = div.find(attribute); i != std::string::npos;
                 i = div.find(attribute, i + 1)) {
                const std::size_t start = i + attribute.size();
                const std::size_t end = div.find('"', start);
                if (end == std::string::npos) break;
                const auto link = links_.find(std::string_view(div).substr(start, end - start));
                if (link == links_.end()) continue;
                div.replace(start, end - start, link->second);
                changed = true;
            }
        return changed ? Edit::replace(visit.value.with("div", div)) : Edit::keep();
    }

private:
    const Links& links_;
};

class Collector final : public fhir::r4::Walker {
public:
    bool enter(const Visit& visit) override { return !is_inner_bundle(visit); }
    Edit reference(const Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (!text.empty()) found.emplace_back(text);
        return Edit::keep();
    }
    std::vector<std::string> found;
};

}  // namespace

Json rewrite_links(const Json& resource, const Links& links) {
    Rewriter rewriter(links);
    return fhir::r4::walk(resource, rewriter);
}

std::vector<std::string> references_of(const Json& resource) {
    Collector collector;
    (void)fhir::r4::walk(resource, collector);
    return std::move(collector.found);
}

bool is_conditional(std::string_view reference) {
    const std::size_t mark = reference.find('?');
    return mark != std::string_view::npos && fhir::is_resource_type(reference.substr(0, mark));
}

}  // namespace consultd::sandbox
