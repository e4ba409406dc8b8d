// The store that the simulation works with keeps the promises that SQLite's does.
#include "tests/simulation/memory_store.h"

#include "store_suite.h"

namespace consultd {
namespace {

class MemoryPlace final : public StorePlace {
public:
    Result<std::unique_ptr<Store>> open() override {
        return simulation::open_memory_store(tables_, {});
    }
    std::string bytes() const override {
        std::string all;
        for (const auto& [key, part] : tables_.parts) all += part;
        return all;
    }

private:
    simulation::Tables tables_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreTest,
                         ::testing::Values(StoreFactory{
                             "Memory", [] { return std::make_unique<MemoryPlace>(); }}),
                         [](const auto& suite) { return suite.param.name; });

}  // namespace
}  // namespace consultd
