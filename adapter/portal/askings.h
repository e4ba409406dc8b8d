// Askings: how many requests of visitors may wait for a hospital at once. Whoever asks one holds a
// thread of the HTTP interface meanwhile: a hospital that answers slowly has its few, and all of
// them together leave half to everybody else.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace consultd::portal {

class Askings {
public:
    static constexpr std::size_t of_one_max = 2, of_all_max = 4;  // of eight threads

    class Turn {
    public:
        Turn(Askings& askings, std::string hospital)
            : askings_(&askings), hospital_(std::move(hospital)) {}
        Turn(Turn&& other) noexcept
            : askings_(std::exchange(other.askings_, nullptr)),
              hospital_(std::move(other.hospital_)) {}
        Turn& operator=(Turn&&) = delete;
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            if (askings_ != nullptr) askings_->end(hospital_);
        }

    private:
        Askings* askings_;
        std::string hospital_;
    };

    // Absent: too many wait for it, or for all of them.
    std::optional<Turn> begin(const std::string& hospital) {
        const std::lock_guard lock(mutex_);
        std::size_t& waiting = waiting_[hospital];
        if (waiting >= of_one_max || all_ >= of_all_max) return std::nullopt;
        ++waiting;
        ++all_;
        return std::make_optional<Turn>(*this, hospital);
    }

private:
    void end(const std::string& hospital) {
        const std::lock_guard lock(mutex_);
        --all_;
        const auto found = waiting_.find(hospital);
        if (--found->second == 0) waiting_.erase(found);
    }

    std::mutex mutex_;
    std::map<std::string, std::size_t> waiting_;  // configured hospitals alone
    std::size_t all_ = 0;
};

}  // namespace consultd::portal
