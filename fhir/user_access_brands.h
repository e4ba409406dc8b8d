// User-access brands: the hospitals of a published Bundle under the names that patients know, each
// with the FHIR base that opens its records. What is in such a Bundle was written by others, in
// great number: names come out as plain text of one line, and an address to which nothing of a
// patient may go is left out and counted. Pure; asks nobody.
// https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json.h"
#include "fhir/url.h"

namespace consultd::fhir {

struct BrandLimits {
    std::size_t bytes_max = std::size_t{256} << 20;
    std::size_t entries_max = 200'000;
    // Addresses of a network of one's own too: loopback, private ones, names without a dot.
    bool takes_private = false;
};

// Where a brand is; each part may be empty.
struct BrandPlace {
    std::string town, state, postal_code;
};

// One name under which patients look for one endpoint.
struct Brand {
    std::string name;
    std::string portal;    // what its sign-in is called; empty: not said
    std::string provider;  // the brand whose sign-in it is, where that is another one
    std::vector<std::string> aliases;
    std::vector<BrandPlace> places;
    std::uint32_t endpoint = 0;  // of `endpoints`
};

// A FHIR base, once, whoever shares it. Its name is that of its primary brand.
struct BrandEndpoint {
    Url base;
    std::string name;
};

struct UserAccessBrands {
    std::vector<Brand> brands;
    std::vector<BrandEndpoint> endpoints;
    // What was left out: endpoints by why, and brands that have none of those that are left.
    struct LeftOut {
        std::size_t not_https = 0, is_private = 0, other_release = 0, not_in_use = 0;
        std::size_t brands = 0;
    } left_out = {};
};

// Malformed: it is no Bundle. TooLarge: it has more bytes or entries than the limits let.
Result<UserAccessBrands> read_user_access_brands(std::string text, const BrandLimits& limits = {});

// A FHIR base as one name, however it is spelt: without "/" at its end.
std::string endpoint_identity(const Url& base);

// As people may be shown it: without control characters, marks of direction, what has no width;
// white space as one space; no longer than that, and never a pile of marks on one letter.
std::string one_line_of(std::string_view text, std::size_t letters_max);

}  // namespace consultd::fhir
