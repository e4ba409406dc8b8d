// What HttpTransport on cpprestsdk does beyond its contract: with the library's own threads.
#include <pplx/threadpool.h>

#include <new>

#include "tests/fhir/client/http_contract.h"

namespace consultd::fhir {
namespace {

class HttpCpprest : public HttpContractTest {};

// There was no memory for a header of a hundred megabytes: it must not be the end of everybody's
// transfers.
TEST_P(HttpCpprest, WhatIsThrownOnAThreadOfTheLibraryEndsNoProcess) {
    initialize_http();
    for (int i = 0; i < 20; ++i)
        crossplat::threadpool::shared_instance().service().post([] { throw std::bad_alloc(); });
    testing::EvilServer server(always(testing::http_answer("{}")));
    for (int i = 0; i < 20; ++i) {
        const auto response = get(server.url());
        ASSERT_TRUE(response.ok()) << response.error().message();
    }
}

INSTANTIATE_TEST_SUITE_P(Cpprest, HttpCpprest, ::testing::Values(&make_http_transport));

}  // namespace
}  // namespace consultd::fhir
