// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace tailscope::analysis {

/// For products and sums of 64-bit integers that must not overflow.
__extension__ using WideInt = __int128;

} // namespace tailscope::analysis
