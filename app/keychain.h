// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

class QObject;

namespace tailscope::app {

/// Passwords in the desktop's keychain (Secret Service, KWallet), where the program was built with
/// qtkeychain. GUI thread; answers come later, and never when `context` died.
bool hasKeychain();
/// An empty text: nothing is kept, or there is no keychain.
void readPassword(QObject *context, const QString &key, std::function<void(const QString &)> done);
/// problem: empty = it is kept.
void keepPassword(QObject *context, const QString &key, const QString &password,
    std::function<void(const QString &problem)> done);

} // namespace tailscope::app
