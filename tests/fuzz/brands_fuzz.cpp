// Whatever a published list says: each name that is shown is one line without anything unseen, each
// address is one that we may be sent to, and each brand leads to an endpoint that is there.
#include <algorithm>
#include <cstdlib>

#include "fhir/base/utf8.h"
#include "fhir/user_access_brands.h"

using namespace consultd;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check_line(const std::string& line, std::size_t letters_max) {
    check(fhir::one_line_of(line, letters_max) == line);
    check(is_utf8(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_line(fhir::one_line_of(text, 50), 50);
    for (const bool takes_private : {false, true}) {
        const auto brands = fhir::read_user_access_brands(
            text, {.bytes_max = 1 << 20, .entries_max = 1000, .takes_private = takes_private});
        if (!brands) continue;
        for (const fhir::Brand& brand : brands->brands) {
            check(!brand.name.empty() && brand.endpoint < brands->endpoints.size());
            for (const auto* line : {&brand.name, &brand.portal, &brand.provider})
                check_line(*line, 200);
            for (const std::string& alias : brand.aliases) check_line(alias, 200);
        }
        for (const fhir::BrandEndpoint& endpoint : brands->endpoints) {
            check(endpoint.base.is_https() || takes_private);
            check(!endpoint.base.is_loopback() || takes_private);
            const auto same = [&](const fhir::BrandEndpoint& other) {
                return fhir::endpoint_identity(other.base) ==
                       fhir::endpoint_identity(endpoint.base);
            };
            check(std::ranges::count_if(brands->endpoints, same) == 1);
        }
    }
    return 0;
}
