// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace tailscope::analysis {

/// Asks the kernel to back the memory with large pages before it is touched: first touches of tens of
/// megabytes cost more than the work on them. No effect where the system knows no large pages.
void adviseHugePages(void *data, std::size_t bytes);

/// Resizes an empty vector with large pages behind it.
template<typename T>
void resizeHuge(std::vector<T> &vector, std::size_t size, const T &value = T())
{
    vector.reserve(size);
    adviseHugePages(vector.data(), vector.capacity() * sizeof(T));
    vector.resize(size, value);
}

} // namespace tailscope::analysis
