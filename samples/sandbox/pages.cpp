#include "samples/sandbox/pages.h"

#include "fhir/base/crypto.h"

namespace consultd::sandbox {

std::string Pages::keep(SearchResult result) {
    std::string id = crypto::hex(random_.bytes(16));
    kept_.emplace(id, std::move(result));
    order_.push_back(id);
    if (order_.size() > kept_max) {
        kept_.erase(order_.front());
        order_.pop_front();
    }
    return id;
}

const SearchResult* Pages::find(std::string_view id) const {
    const auto found = kept_.find(id);
    return found == kept_.end() ? nullptr : &found->second;
}

}  // namespace consultd::sandbox
