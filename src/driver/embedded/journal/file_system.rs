use std::path::Path;

use super::JournalError;

/// Those whose locks and shared memory can't be relied on across their hosts, by the number that the system gives.
#[cfg(target_os = "linux")]
const NETWORK: [(u32, &str); 13] = [
    (0x0000_6969, "nfs"),
    (0x0000_517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "afs"),
    (0x6b41_4653, "afs"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x7375_7245, "coda"),
    (0x0000_564c, "ncp"),
    (0x0116_1970, "gfs2"),
    (0x7461_636f, "ocfs2"),
];

/// Those in user space share one number, and are told apart by their names.
#[cfg(target_os = "linux")]
const FUSE: u32 = 0x6573_5546;
#[cfg(target_os = "linux")]
const NETWORK_FUSE: [&str; 10] =
    ["sshfs", "s3fs", "rclone", "gcsfuse", "glusterfs", "ceph", "davfs", "juicefs", "goofys", "smbnetfs"];

/// Refuses a folder on a network file system, where SQLite's log of writes doesn't work.
#[cfg(target_os = "linux")]
pub(super) fn expect_local(folder: &Path) -> Result<(), JournalError> {
    let found = rustix::fs::statfs(folder).map_err(|error| super::folder::refused(folder, &error.into()))?;
    // The system's numbers have 32 bits, whatever the width of the field.
    let number = found.f_type as u32;
    let name = if number == FUSE { mounted_as(folder) } else { None };
    match network(number, name.as_deref()) {
        Some(kind) => Err(JournalError::NetworkFileSystem { path: folder.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn expect_local(_folder: &Path) -> Result<(), JournalError> {
    Ok(())
}

/// What a file system is called, when it is one of a network.
#[cfg(target_os = "linux")]
fn network(number: u32, name: Option<&str>) -> Option<String> {
    let by_number = NETWORK.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned());
    let of_user_space = || {
        let name = name?.strip_prefix("fuse.")?;
        NETWORK_FUSE.contains(&name).then(|| name.to_owned())
    };
    by_number.or_else(of_user_space)
}

/// The type of a folder's mount, as the system lists it: `36 35 98:0 /root /mount options - type source`.
#[cfg(target_os = "linux")]
fn mounted_as(folder: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let device = std::fs::metadata(folder).ok()?.dev();
    let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mount = mounts.lines().find(|line| line.split(' ').nth(2) == Some(device.as_str()))?;
    mount.split_once(" - ")?.1.split(' ').next().map(str::to_owned)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_number_and_by_name() {
        assert_eq!(network(0x6969, None).as_deref(), Some("nfs"));
        assert_eq!(network(0xff53_4d42, None).as_deref(), Some("cifs"));
        assert_eq!(network(FUSE, Some("fuse.sshfs")).as_deref(), Some("sshfs"));
        assert_eq!(network(FUSE, Some("fuseblk")), None);
        assert_eq!(network(FUSE, None), None);
        let ext4 = 0xef53;
        assert_eq!(network(ext4, None), None);
    }

    #[test]
    fn a_mount_is_found_by_its_device() {
        assert!(mounted_as(Path::new("/proc")).is_some_and(|name| name == "proc"));
    }
}
