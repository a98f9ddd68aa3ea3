//! Purpose: the examples at the end of every command's help.

pub const TOP: &str = "\
First steps:
  slipway                                    the whole road on a sample repository
  slipway lint                               check the pipeline file of this repository
  slipway run                                run its jobs here and now
  slipway repo add . && slipway up           watch it: a `git commit` starts a run
  slipway runs                               what happened, in another terminal
  slipway --aws slipway runs                 the same of the stack `slipway` on AWS

`slipway COMMAND --help` shows examples of each.
Exit status: 0 all is well, 1 the answer is no (a run failed, a file has mistakes),
2 wrong usage or input, 3 the machine or something that it needs is not there.";

pub const DEMO: &str = "\
Examples:
  slipway demo                               watch it happen
  slipway demo --json | tail -n 1            one JSON object with the outcome
  slipway demo --github --stay               a pull request, without an account
  slipway --data ./demo-data demo            keep journal and logs in a folder of yours";

pub const UP: &str = "\
Examples:
  slipway up                                 until Ctrl-C
  slipway up --port 8080                     on another port
  slipway --data ./machine up                with its own data directory";

pub const LINT: &str = "\
Examples:
  slipway lint                               .slipway.yaml of this repository
  slipway lint draft.yaml                    another file
  git show HEAD~3:.slipway.yaml | slipway lint -
  slipway lint --json                        {file, valid, diagnostics: [{code, line, …}]}";

pub const SCHEMA: &str = "\
Examples:
  slipway schema > slipway.schema.json
  # and as the first line of .slipway.yaml, for editors that know yaml-language-server:
  # yaml-language-server: $schema=slipway.schema.json";

pub const RUN: &str = "\
Environments are not deployed by `slipway run`; it needs no machine and leaves nothing behind.

Examples:
  slipway run                                all jobs, with your uncommitted changes
  slipway run --job unit                     `unit` and what it needs
  slipway run --event pull_request --branch main
  slipway run --json                         one JSON line for each thing that happens";

pub const RUNS: &str = "\
Examples:
  slipway runs                               the last 20
  slipway runs --repo shop --branch main
  slipway runs --status failed --limit 5
  slipway runs --json                        one JSON line for each run
  slipway --aws slipway runs                 of the stack `slipway` on AWS";

pub const SHOW: &str = "\
Examples:
  slipway show                               the latest run
  slipway show 3f2a                          the run whose id begins so
  slipway show latest --json";

pub const LOGS: &str = "\
Examples:
  slipway logs latest                        the task that failed, or ran last
  slipway logs 3f2a unit                     the job `unit`
  slipway logs 3f2a 'unit (go=1.24)' --attempt 1
  slipway logs 3f2a deploy/staging --follow";

pub const WHY: &str = "\
Examples:
  slipway why                                the latest run
  slipway why 3f2a";

pub const APPROVE: &str = "\
The code stands in the body of the mail that you received. It is bound to you, to
this run, to the environment and to the release. Whoever approves types the end of the
release's hash, as it stands in the mail, on the page and in `slipway show`.

Examples:
  slipway approve 3f2a --as ana --code 7K2QX-M4D8R --release 9f31c0
  slipway approve 3f2a production --as ana --code 7K2QX-M4D8R --release 9f31c0

On AWS credentials are nobody's identity: the command goes to the page that the mail
links to, says what is asked there, and asks for the code and the release's end itself.
  slipway --aws slipway approve https://ci.example.org/approvals/7/3f2a…/production/…";

pub const REJECT: &str = "\
Examples:
  slipway reject 3f2a --as ana --code 7K2QX-M4D8R --reason 'the migration is missing'
  slipway --aws slipway reject https://ci.example.org/approvals/… --reason 'not today'";

pub const FREEZE: &str = "\
What has begun goes on to its end, rollbacks too; approvals can be given meanwhile, and run out
at their time.

Examples:
  slipway freeze --reason 'the database is being moved'
  slipway freeze acme/shop
  slipway --aws slipway freeze acme/shop     of the stack `slipway` on AWS";

pub const UNFREEZE: &str = "\
Runs that wait take their turn at once.

Examples:
  slipway unfreeze
  slipway unfreeze acme/shop";

pub const TRUST: &str = "\
Nothing of a repository that was transferred runs until somebody of the machine says so. Look at who owns it first.

Examples:
  slipway trust acme/shop
  slipway --aws slipway trust 4001           of the stack `slipway` on AWS";

pub const CANCEL: &str = "\
The wish is in the journal when the command returns; a machine that is down acts on it
when it comes up.

Examples:
  slipway cancel latest
  slipway cancel 3f2a --reason 'wrong branch'";

pub const RETRY: &str = "\
Examples:
  slipway retry latest
  slipway retry 3f2a --reason 'the network was down'";

pub const JOURNAL: &str = "\
Examples:
  slipway journal list run/
  slipway journal show run/7/3f2a9c0d1e5b
  slipway journal at run/7/3f2a9c0d1e5b --commit 4
  slipway journal verify";

pub const JOURNAL_LIST: &str = "\
Examples:
  slipway journal list
  slipway journal list lane/
  slipway journal list run/ --json";

pub const JOURNAL_SHOW: &str = "\
Examples:
  slipway journal show 3f2a                  a run, by the beginning of its id
  slipway journal show lane/7/production
  slipway journal show pool/jobs --raw";

pub const JOURNAL_AT: &str = "\
Examples:
  slipway journal at run/7/3f2a9c0d1e5b --commit 4
  slipway journal at lane/7/production --time 2026-03-01T12:00:00Z";

pub const JOURNAL_VERIFY: &str = "\
Examples:
  slipway journal verify
  slipway journal verify run/7/
  slipway journal verify --json
  slipway --aws slipway journal verify       the whole table of a stack";

pub const JOURNAL_EXPORT: &str = "\
Examples:
  slipway journal export > journal.jsonl
  slipway journal export run/7/3f2a9c0d1e5b";

pub const JOURNAL_RELEASE: &str = "\
Examples:
  slipway journal list | grep -i quarantine
  slipway journal release run/7/3f2a9c0d1e5b";

pub const DLQ: &str = "\
A doorbell says which stream to look at, and nothing else: to ring twice does no harm, and
one that is lost is made up for by the sweep. Mend the cause first; a stream in quarantine
stays there until `slipway journal release`.

Examples:
  slipway dlq list --aws slipway
  slipway dlq show 7c1e --aws slipway
  slipway dlq redrive --all --aws slipway";

pub const DLQ_LIST: &str = "\
Examples:
  slipway dlq list --aws slipway
  slipway dlq list --queue builder --aws slipway
  slipway dlq list --json --aws slipway      one JSON line for each message";

pub const DLQ_SHOW: &str = "\
Examples:
  slipway dlq show 7c1e --aws slipway        the message whose id begins so";

pub const DLQ_REDRIVE: &str = "\
Examples:
  slipway dlq redrive 7c1e --aws slipway
  slipway dlq redrive --all --queue builder --aws slipway";

pub const REPO: &str = "\
Examples:
  slipway repo add ~/src/shop
  slipway repo list
  slipway repo remove shop";

pub const REPO_ADD: &str = "\
Examples:
  slipway repo add .
  slipway repo add /srv/git/shop.git --name acme/shop
  slipway repo add ~/src/shop --name acme/shop --github-id 123456";

pub const PEOPLE: &str = "\
Examples:
  slipway people add ana --name 'Ana Lima' --email ana@example.com --team release-approvers
  slipway people list
  slipway people remove ana";

pub const PEOPLE_ADD: &str = "\
Examples:
  slipway people add ana --name 'Ana Lima' --email ana@example.com
  slipway people add bob --email bob@example.com --team release-approvers --team ops";

pub const DASHBOARD: &str = "\
Examples:
  slipway dashboard
  xdg-open \"$(slipway dashboard)\"
  slipway dashboard --json
  slipway --aws slipway dashboard            of a stack

The address of a machine on this computer holds a token: whoever has it can read the
pages, so do not post it.";

pub const GITHUB: &str = "\
Examples:
  slipway github setup --url https://ci.example.org --org acme
  slipway --aws slipway github setup --org acme
  slipway doctor                             whether all of it fits together";

pub const GITHUB_SETUP: &str = "\
Opens a page on 127.0.0.1 with one button: it takes you to GitHub, where you are shown what
the App may do and create it. GitHub sends you back with a code that works once. Nothing is
stored unless the App was granted what was asked for, nothing less and nothing more.

Examples:
  slipway github setup --url https://ci.example.org
  slipway github setup --url https://ci.example.org --org acme --name acme-ci
  slipway github setup --url https://ci.acme.org --api https://github.acme.org/api/v3
  slipway --aws slipway github setup --org acme        address and API are the stack's own";

pub const DOCTOR: &str = "\
With a GitHub App it also asks GitHub: whether the App's key is taken, whether the clocks
agree, what was granted, where webhooks go and whether they arrive, and whether default
branches require the check `slipway` of this App.

Examples:
  slipway doctor
  slipway doctor --json
  slipway --aws slipway doctor               of a stack";

pub const COMPLETION: &str = "\
Examples:
  slipway completion bash > ~/.local/share/bash-completion/completions/slipway
  slipway completion zsh  > ~/.zfunc/_slipway
  slipway completion fish > ~/.config/fish/completions/slipway.fish";
