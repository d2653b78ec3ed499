// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace tailscope::import::explain {

inline constexpr std::size_t kMaxFileBytes = 128 * 1024 * 1024;

/// The whole text of a source as well-formed UTF-8 without NUL and byte order mark. Grows by realloc(), which
/// moves pages instead of copying them: doubling a string costs more than parsing it.
class WholeText
{
public:
    WholeText() = default;
    ~WholeText();
    WholeText(const WholeText &) = delete;
    WholeText &operator=(const WholeText &) = delete;

    /// Reads to the end, at most kMaxFileBytes. What was read stays when there is an error: LimitExceeded, or
    /// the source's own.
    void read(ByteSource &source);
    std::string_view text() const { return {m_data, m_size}; }
    const std::optional<Error> &error() const { return m_error; }
    /// Malformed bytes were replaced.
    bool wasRepaired() const { return m_repaired; }

private:
    bool append(std::string_view bytes);
    void repair();

    char *m_data = nullptr;
    std::size_t m_size = 0, m_capacity = 0;
    std::optional<Error> m_error;
    bool m_repaired = false;
};

} // namespace tailscope::import::explain
