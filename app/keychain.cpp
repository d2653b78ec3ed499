// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/keychain.h"

#include <QCoreApplication>
#include <QObject>

#ifdef TS_HAVE_KEYCHAIN
#include <qt6keychain/keychain.h>
#endif

namespace tailscope::app {

#ifdef TS_HAVE_KEYCHAIN

namespace {

const QString kService = QStringLiteral("tailscope");

}

bool hasKeychain() { return true; }

void readPassword(QObject *context, const QString &key, std::function<void(const QString &)> done)
{
    auto *job = new QKeychain::ReadPasswordJob(kService, context);
    job->setKey(key);
    QObject::connect(job, &QKeychain::Job::finished, context, [job, done = std::move(done)] {
        done(job->error() == QKeychain::NoError ? job->textData() : QString());
    });
    job->start();
}

void keepPassword(QObject *context, const QString &key, const QString &password,
    std::function<void(const QString &problem)> done)
{
    auto *job = new QKeychain::WritePasswordJob(kService, context);
    job->setKey(key);
    job->setTextData(password);
    QObject::connect(job, &QKeychain::Job::finished, context, [job, done = std::move(done)] {
        done(job->error() == QKeychain::NoError ? QString() : job->errorString());
    });
    job->start();
}

#else

bool hasKeychain() { return false; }

void readPassword(QObject *, const QString &, std::function<void(const QString &)> done) { done({}); }

void keepPassword(QObject *, const QString &, const QString &,
    std::function<void(const QString &problem)> done)
{
    done(QCoreApplication::translate("Keychain",
        "This build has no keychain: put the password into ~/.pgpass"));
}

#endif

} // namespace tailscope::app
