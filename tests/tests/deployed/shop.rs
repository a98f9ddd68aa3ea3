//! Purpose: the repository that is built and deployed: a shop of a few lines, and a ledger of what its deploys have done.

use std::path::{Path, PathBuf};

use fake_github::Bare;

pub const ID: u64 = 4001;
pub const NAME: &str = "acme/shop";
const FILE: &str = include_str!("shop.yaml");
const SCRIPT: &str = include_str!("shop.sh");

/// A bare repository, and the folder that its deploys write to.
pub struct Shop {
    pub bare: Bare,
    targets: PathBuf,
}

/// One deploy that ran, as it wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    pub commit: String,
    pub release: String,
    pub fence: u64,
}

impl Shop {
    pub fn new(folder: &Path) -> Self {
        let targets = folder.join("targets");
        std::fs::create_dir_all(&targets).unwrap();
        Self {
            bare: Bare::init(folder.join("shop.git")).unwrap(),
            targets,
        }
    }

    /// Commits to `main`; the price makes each its own. A slow one has a job of some seconds.
    pub fn commit(&self, price: u32, slow: bool) -> String {
        let file = FILE
            .replace("@TARGETS@", self.targets.to_str().unwrap())
            .replace("@PAUSE@", if slow { "8" } else { "0" });
        let script = SCRIPT.replace("@PRICE@", &price.to_string());
        let files = [
            (".slipway.yaml", Some(file.as_str())),
            ("shop.sh", Some(script.as_str())),
        ];
        let message = format!("Sell for {price}");
        self.bare
            .commit("refs/heads/main", &message, &files)
            .unwrap()
    }

    /// What was deployed there, in order.
    pub fn deployed(&self, environment: &str) -> Vec<Deployed> {
        let ledger = self.targets.join(environment).join("ledger");
        let text = std::fs::read_to_string(ledger).unwrap_or_default();
        let line = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let [commit, release, fence] = words[..] else {
                panic!("the ledger has {line:?}")
            };
            Deployed {
                commit: commit.to_owned(),
                release: release.to_owned(),
                fence: fence.parse().unwrap(),
            }
        };
        text.lines().map(line).collect()
    }
}
