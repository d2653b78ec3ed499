// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::locust {

/// Which of Locust's files a header is of, and where its columns are. Names differ by version in case and
/// wording.
struct LocustHeader
{
    enum class File { Stats, History, Failures, Exceptions } file = File::Stats;
    std::size_t columns = 0;
    std::map<std::string, std::size_t, std::less<>> places; ///< by the name in lower case, without quotes
    std::vector<std::pair<double, std::size_t>> quantiles; ///< share, column

    static std::optional<LocustHeader> of(std::string_view line);
    /// Column of the first name that the header has; SIZE_MAX when none.
    std::size_t place(std::initializer_list<std::string_view> names) const;
};

class LocustReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::locust
